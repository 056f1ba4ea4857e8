# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
athar --version >out
sed -n 1p out
grep -oE '^  (libewf|libtsk|openssl) +[^ ]' out | sed 's/ *[^ ]$//' | sort
athar -V | cmp - out
