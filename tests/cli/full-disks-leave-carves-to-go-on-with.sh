# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
# The disk of the case is full in the middle of a run, and at its end: with room again it goes on.
needs jq perl
needs_root
needs_confinement
# 300 pictures of 64 KiB each.
perl -e 'for my $i (1 .. 300) {
  my $gif = "GIF89a\1\0\1\0\x80\0\0" . pack("n", $i) . "\xff\xff\xff\xff!\xfe";
  $gif .= chr(255) . chr(1 + $i % 200) x 255 for 1 .. 256;
  $gif .= "\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
  print $gif, "\0" x (66048 - length $gif);
}' >disk.img
quietly 0 athar carve disk.img --case whole --exhibit 1
wc -l <whole/1/carve-001/items.jsonl
mkdir mount
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=120m none mount || exit 77

  # fill_at N: the room is there when it is looked for, and taken away when N items are there.
  fill_at() {
    rm -rf mount/case
    quietly 0 athar case new mount/case
    mkfifo events
    athar carve disk.img --case mount/case --exhibit 1 --json -j 1 >events 2>err &
    exec 3<events
    awk -v n="$1" "/\"type\":\"item\"/ && ++i == n { exit }" <&3
    kill -STOP $!
    head -c 120000000 /dev/zero >mount/filler 2>/dev/null
    truncate -s -8192 mount/filler
    kill -CONT $!
    cat <&3 >/dev/null
    wait $!
    echo "exit $?"
    exec 3<&-
    rm events
    sed "s/has [0-9]* items/has N items/; s/.*\(carve-001.partial has.*\)/\1/" err
    ls mount/case/1
    [ "$(wc -l <mount/case/1/carve-001.partial/items.jsonl)" -ge "$1" ] || echo "items are lost"
  }

  for at in 1 100; do
    fill_at $at
    # Still no room: nothing is lost to another try.
    athar carve mount/case --resume >out 2>err
    echo "exit $?, $(wc -l <err) line"
    [ "$(wc -l <mount/case/1/carve-001.partial/items.jsonl)" -ge "$at" ] || echo "items are lost"
    rm mount/filler
    quietly 0 athar carve mount/case --resume
    diff -r -x run.json -x manifest.sha256 whole/1/carve-001 mount/case/1/carve-001
    (cd mount/case/1/carve-001 && sha256sum --quiet -c manifest.sha256)
    jq -c "[.resumed, .result, .counts.items]" mount/case/1/carve-001/run.json
    jq -r "select(.action | startswith(\"carve.e\")) | .data.result" mount/case/custody.jsonl
  done' || exit 77
