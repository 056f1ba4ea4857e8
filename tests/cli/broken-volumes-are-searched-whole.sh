# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# An ext4 whose group descriptors are gone: nobody knows what is in use, all of it is searched, and
# what is found is not called deleted.
needs mke2fs jq
needs_confinement
mkdir tree
gif >tree/a.gif
truncate -s 8M ext.img
mke2fs -q -t ext4 -b 1024 -d tree ext.img
dd if=/dev/urandom of=ext.img bs=1024 seek=2 count=16 conv=notrunc status=none
athar carve ext.img --case case --exhibit 1 >out 2>err
echo "exit $?"
jq -r '[.type, .grade, .state] | @csv' case/1/carve-001/items.jsonl
jq -r '.kind' case/1/carve-001/findings.jsonl | sort -u
jq -r '.searched' case/1/carve-001/run.json
