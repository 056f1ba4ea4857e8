# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl
needs_root
needs_confinement
quietly 0 athar case new case
# What root takes in belongs to the owner of the case, who must be able to read it.
bytes 10000000 >disk.img
chmod 644 disk.img
chmod 711 .. .
chown -R 65534:65534 case
quietly 3 athar case add case disk.img --exhibit 2 --copy
quietly 3 athar case add case disk.img --exhibit 3
chmod 600 disk.img
say athar case add case disk.img --exhibit 4 | sed "s,$PWD/,,"
find case ! -user 65534
find case -type f ! -perm 600 -o -type d ! -perm 700
# There is no room for a copy, and enough for a reference.
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
