# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq perl xz
needs_confinement
# A volume with deleted files, and behind it pictures: 500 contents, 200 of them twice.
xz -dc "$ATHAR_SOURCE/testdata/undelete/ntfs-1.img.xz" >disk.img
perl -e 'for my $i (0 .. 699) {
  my $c = $i < 300 ? $i : $i < 500 ? $i - 300 : $i - 200;
  print pack "a512", "GIF89a\1\0\1\0\x80\0\0" . pack("n", $c) . "\xff\xff\xff\xff!\xf9\4\1\0\0\0\0" .
    ",\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
}' >>disk.img
options=(--grade partial --tree --set-times)
quietly 0 athar carve disk.img --case whole --exhibit 1 "${options[@]}"
items=$(wc -l <whole/1/carve-001/items.jsonl)
[ "$(jq '.also | length' whole/1/carve-001/items.jsonl | awk '{ n += $1 } END { print n }')" -ge 200 ] || echo "no places"
places=0
mkfifo events

# stop_at N SIGNAL COMMAND...: stopped when it has told of N items; it cannot be far ahead then.
stop_at() {
  local wanted=$1 signal=$2
  shift 2
  "$@" --json -j 1 >events 2>err &
  exec 3<events
  awk -v n="$wanted" '/"type":"item"/ && ++i == n { exit }' <&3
  kill -s "$signal" $!
  [ "$signal" = KILL ] || cat <&3 >/dev/null
  { wait $!; } 2>/dev/null
  exec 3<&-
}

# like_whole: the run of the case is the one that nobody interrupted.
like_whole() {
  local strip='del(.started, .ended, .resumed, .sessions, .workers_lost)'
  diff -r -x run.json -x manifest.sha256 "$@" whole/1/carve-001 case/1/carve-001 | head
  diff <(jq -S "$strip" whole/1/carve-001/run.json) <(jq -S "$strip" case/1/carve-001/run.json)
  (cd case/1/carve-001 && sha256sum --quiet -c manifest.sha256)
  find case -name '*.partial' -o -name asked.json -o -name joins.jsonl
}

begin() {
  rm -rf case
  quietly 0 athar case new case
  stop_at "$1" "$2" athar carve disk.img --case case --exhibit 1 "${options[@]}"
}

# ---- killed ----
for at in 1 30 100 390 430; do
  begin $at KILL
  [ -d case/1/carve-001.partial ] || echo "$at: it was over too soon"
  [ "$(wc -l <case/1/carve-001.partial/items.jsonl)" -ge $((at - 1)) ] || echo "$at: lines are lost"
  [ -s case/1/carve-001.partial/places.partial ] && places=yes
  quietly 0 athar carve case --resume
  like_whole
done
[ $places = yes ] || echo "none was stopped among further places"
jq -c '[.resumed, (.sessions | map([.started != null, .ended != null]))]' case/1/carve-001/run.json
jq -r 'select(.action | startswith("carve")) | [.action, .data.result // .data.resumes] | @csv' case/custody.jsonl

# Twice, and what was given is not given again.
begin 50 KILL
stop_at 50 KILL athar carve case --resume
jq -r .resumed case/1/carve-001.partial/asked.json
had=$(wc -l <case/1/carve-001.partial/items.jsonl)
athar carve case --resume --json >out 2>err
[ $((had + $(grep -c '"type":"item"' out))) -eq "$items" ] || echo "had $had of $items"
like_whole
jq .resumed case/1/carve-001/run.json

# ---- refused ----
one_line 5 athar carve case --resume
begin 100 KILL
one_line 2 athar carve case --resume --type gif
one_line 2 athar carve case --resume --every-byte
one_line 2 athar carve disk.img --case case --resume
truncate -s +1M disk.img
one_line 5 athar carve case --resume
truncate -s -1M disk.img
# With what it was asked for.
quietly 0 athar carve case --resume "${options[@]}"
like_whole

# ---- what a power cut leaves ----
begin 200 KILL
run=case/1/carve-001.partial
head -n 150 $run/items.jsonl >lines && head -c -40 lines >$run/items.jsonl
echo stray >$run/recovered/000/000999.gif
quietly 0 athar carve case --resume
like_whole -x findings.jsonl
jq -r .text case/1/carve-001/findings.jsonl
begin 200 KILL
file=$(sed -n 120p $run/items.jsonl | jq -r .file)
printf X | dd of="$run/$file" conv=notrunc status=none
quietly 0 athar carve case --resume
like_whole -x findings.jsonl
jq -r .text case/1/carve-001/findings.jsonl | sed 's/[0-9]*\.[a-z]* /FILE /'
jq .findings case/1/carve-001/run.json

# ---- stopped ----
options=(--grade partial)
begin 100 INT
jq -r .result case/1/carve-001/run.json
quietly 0 athar carve case --resume
jq -c '[.resumed, .resumes, .result]' case/1/carve-002/run.json
# Of a content that both have, the places are apart; whose item it is differs then.
contents() { cat "$@" | grep -v 'interrupted before' | jq -r '.hashes.sha256 // empty' | sort -u; }
cmp <(contents whole/1/carve-001/items.jsonl) <(contents case/1/carve-00?/items.jsonl)
places() { cat "$@" | grep -v 'interrupted before' | jq -c '., .also[] | [.method, .path, .address, .extents]' | sort; }
diff <(places whole/1/carve-001/items.jsonl) <(places case/1/carve-00?/items.jsonl) | head
one_line 5 athar carve case --resume
quietly 3 athar verify case
