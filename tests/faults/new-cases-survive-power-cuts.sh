# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# Exit 0 means that all of it is on the medium: the case that acquire made on its way, too.
needs_fuse losing_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

bytes 3000000 >back
source=back
make_target
case=target/case
acquire 0 1
must 'nothing is lost after exit 0' diff -r "$durable" target.*/live
