# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 100000 >stick.img
athar acquire stick.img --case case --exhibit 1 --format raw >&- 2>&- <&-
echo "exit $?"
cmp case/1/1.dd stick.img || cmp case/1/1.001 stick.img
quietly 0 athar verify case
