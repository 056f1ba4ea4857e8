# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
[ -c /dev/full ] || exit 77
bytes 5000 >stick.img
athar --help >/dev/full
echo "exit $?"
athar carve --list-types >/dev/full
echo "exit $?"
athar cat stick.img >/dev/full
echo "exit $?"
athar carve --list-types --json >/dev/full
echo "exit $?"
