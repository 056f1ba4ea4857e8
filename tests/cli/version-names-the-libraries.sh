# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
athar --version >out
sed -n 1p out
grep -oE '^  (libewf|libtsk|lz4|openssl|sqlite|zstd) +[^ ]' out | sed 's/ *[^ ]$//' | sort
athar -V | cmp - out
