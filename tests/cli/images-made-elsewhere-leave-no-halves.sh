# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl jq
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
# As root for another owner; and no room for a copy, or less than there was when it was looked for.
needs_root
bytes 10000000 >disk.img
chmod 644 disk.img
chmod 711 .. .
chown -R 65534:65534 case
quietly 3 athar case add case disk.img --exhibit 2 --copy
quietly 3 athar case add case disk.img --exhibit 3
chmod 600 disk.img
say athar case add case disk.img --exhibit 4
find case ! -user 65534
find case -type f ! -perm 600 -o -type d ! -perm 700
chmod 644 disk.img
mkdir mount
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=8m none mount || exit 77
  quietly 0 athar case new mount/case
  athar case add mount/case disk.img --exhibit 1 --copy 2>&1 | sed "s/up to.*/.../"
  athar case add mount/case disk.img --exhibit 1 >out 2>&1
  echo "exit $?"
  ls mount/case' || exit 77
