# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# ext2 interrupts files by blocks of its own, and both clear what led to them: what comes back is
# found by its content, and nothing but an original is called whole.
needs jq sha256sum
needs_confinement
for fs in ext2 ext4; do
  sample $fs
  athar carve $fs.img --case $fs --exhibit 1 >out 2>err
  echo "exit $?"
  rm $fs.img
  judge_sample $fs/1/carve-001 | grep 'no original'
  jq -r 'select(.method == "content" and (.grade == "intact" or .grade == "complete")) | .state' \
    $fs/1/carve-001/items.jsonl | sort | uniq -c | tr -s ' '
done
