# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq openssl
needs_confinement
bytes 100000 >stick.img
# Every line is an object with a type; the last one is the only summary, and its exit is the status.
look() {
  local words=1
  [ "$1" = case ] && words=2
  athar "${@:1:words}" --json "${@:words+1}" >out 2>err
  status=$?
  jq -es --argjson status $status '
    all(.[]; .type | IN("progress", "notice", "item", "row", "summary")) and
    ([.[] | select(.type == "summary")] | length) == 1 and
    .[-1].type == "summary" and .[-1].exit == $status and
    (.[-1].error == null) == ($status == 0)' out >/dev/null || { echo "$*:"; cat out err; }
  tail -n 1 out | jq -c '[.command, .exit, .result, .error.status]'
}
look acquire stick.img --case case --exhibit 1
tail -n 1 out | jq -c '[.size, .bad_bytes, .read_back, (.hashes | keys)]'
look acquire stick.img --case case --exhibit 1
look acquire stick.img --case
look acquire absent.img --case case --exhibit 2
look verify stick.img case
look verify stick.img --against 00000000000000000000000000000000
look carve case
look carve --list-types
look info stick.img
look info --devices
look case new other
look case set other number=1
look case note other text
look case show other
look report other
look report absent
