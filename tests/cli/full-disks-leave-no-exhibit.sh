# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl jq
needs_root
needs_confinement
mixed 40000000 >disk.img
mkdir mount
# The room is there when it is looked for, and taken away behind its back.
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=60m none mount || exit 77
  quietly 0 athar case new mount/case
  for format in ewf raw; do
    athar acquire disk.img --case mount/case --exhibit $format --format $format -j 1 >out 2>err &
    until compgen -G "mount/case/$format.partial/*.[Ed]*" >/dev/null || ! kill -0 $! 2>/dev/null; do :; done
    kill -STOP $!
    head -c 60000000 /dev/zero >mount/filler 2>/dev/null
    head -c -8192 mount/filler >/dev/null && truncate -s -8192 mount/filler
    kill -CONT $!
    wait $!
    echo "exit $?, $(wc -l <err) line, $(wc -c <out) bytes"
    grep -o "disk is full\|No space left" err
    rm mount/filler
  done
  ls mount/case
  jq -r "[.action, .data.result // empty] | join(\" \")" mount/case/custody.jsonl' || exit 77
