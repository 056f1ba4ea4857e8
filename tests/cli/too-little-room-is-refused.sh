# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl jq
needs_root
needs_confinement
truncate -s 100M disk.img
mkdir mount
# Before the first byte is read, and by what the worst image would need.
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=30m none mount || exit 77
  quietly 0 athar case new mount/case
  quietly 0 athar case new case
  for options in "--format ewf" "--format raw" "--format ewf --rescue" "--format raw --segment-size 10M"; do
    # shellcheck disable=SC2086
    one_line 5 athar acquire disk.img --case mount/case --exhibit 1 $options
  done
  # The second place is asked, too.
  one_line 5 athar acquire disk.img --case case --exhibit 1 --copy mount
  ls mount mount/case
  find case -name "*.partial"
  jq -r "[.action, .data.result // empty] | join(\" \")" mount/case/custody.jsonl' || exit 77
