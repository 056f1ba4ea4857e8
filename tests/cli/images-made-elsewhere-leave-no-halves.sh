# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq
needs_confinement
quietly 0 athar case new case
# Stopped while it is copied, and while it is read.
truncate -s 6G huge.img
for copy in '' --copy; do
  # shellcheck disable=SC2086
  timeout --preserve-status -s INT 1 athar case add case huge.img --exhibit 1 $copy \
    --hash md5,sha1,sha256,sha512,blake2b >out 2>err
  echo "exit $?"
  tail -n 1 err | grep -o ': interrupted'
done
ls case
rm huge.img
jq -r '[.action, .data.result // empty] | join(" ")' case/custody.jsonl
