# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
athar --help
echo
for part in acquire verify carve report info cat known case 'case new' 'case set' 'case add' \
  'case note' 'case show'
do
  # shellcheck disable=SC2086
  athar $part --help >out 2>err
  echo "$part: exit $?, $(wc -l <err) lines on stderr, usage: $(sed -n '1s/^usage: //p' out)"
done
# Help is had whatever else the line holds, and -h is the same.
athar verify --help --bogus | cmp - <(athar verify -h)
