# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# The map of GNU ddrescue is a log: what it did not read is bad, and an image that ends before its
# map does is not the whole medium.
needs openssl jq ddrescue ddrescuelog mformat mcopy mdel
needs_confinement
export MTOOLS_SKIP_CHECK=1
truncate -s 2M disk.dd
mformat -i disk.dd -t 64 -h 1 -s 64 ::
bytes 2000 >a.bin
{ printf 'SECOND FILE'; bytes 2989; } >b.bin
gif >c.gif
mcopy -i disk.dd a.bin b.bin c.gif ::
mdel -i disk.dd ::a.bin ::b.bin ::c.gif
# place TEXT: the sector of the disk where it is.
place() {
  echo $(($(grep -abo "$1" disk.dd | head -n 1 | cut -d: -f1) / 512))
}
# One sector in the middle of a file, one that holds another, and the last four of the disk are
# bad for ddrescue.
second=$(($(place 'SECOND FILE') + 2))
{ echo $second; place GIF89a; seq 4092 4095; } | ddrescuelog --create-mapfile=-+ - >failing
quietly 0 ddrescue -q -H failing disk.dd short.dd short.map
quietly 0 ddrescue -q -n -x 2Mi -H failing disk.dd long.dd long.map
quietly 0 ddrescue -q -x 2Mi -H failing disk.dd whole.dd whole.map
quietly 0 athar case new case

# add EXHIBIT IMAGE OPTION...: takes it in and says what came of it.
add() {
  local exhibit=$1
  shift
  athar case add case "$@" --exhibit "$exhibit" >out 2>err
  echo "$exhibit: exit $?"
  grep Made out
  grep -A2 DIFFERS out
  grep Note out
  tail -n 1 err | sed "s#$PWD/##"
}

# lacking MAP: the sectors that ddrescuelog has for not read. In a record: those of the image.
lacking() {
  ddrescuelog -l '?*/-' "$1"
}
recorded() {
  jq -r '.bad[] | range(.offset / 512; (.offset + .length) / 512)' "case/$1/acquisition.json"
}

add short short.dd --log short.map
jq -c '.differences[], [.said[0] | .format, .tool, .command, .state, .size, .bad_ranges, .not_understood]' \
  case/short/acquisition.json
sed -n 's/^# Start time: *//p; s/^# Current time: *//p' short.map |
  diff <(jq -r '.said[0] | .started, .ended' case/short/acquisition.json) -
diff <(recorded short) <(lacking short.map | head -n 2)
cmp short.map case/short/log-1.txt

# Unscraped, and as long as the medium.
add long long.dd --log long.map
diff <(recorded long) <(lacking long.map)
jq -r '.bad[].kind' case/long/acquisition.json | sort -u

# With a hash list beside the map nothing is left to be wished for.
sha256sum whole.dd >whole.sha256
add whole whole.dd --log whole.map --log whole.sha256 --copy
diff <(recorded whole) <(lacking whole.map)
jq -c '.bad[] | [.kind, .length]' case/whole/acquisition.json

# Files over such places are never whole, and verify agrees with what is on record.
for exhibit in short long whole; do
  athar carve case --exhibit $exhibit --list-only -q 2>err
  echo "carve: $?"
  jq -r 'select(.size > 0) | [.size, .grade, .quality.bad, .why] | @csv' \
    "case/$exhibit/carve-001/items.jsonl" | sort
done
quietly 0 athar carve case --exhibit whole --method content --every-byte
jq -r .bad_bytes case/whole/carve-002/run.json
wc -l <case/whole/carve-002/items.jsonl
athar cat case --exhibit whole 2>err | cmp - whole.dd
cat err
athar verify case >out 2>err
echo "verify: $?"
tail -n 1 err

# A filler is no zeros: who put it there can be asked.
printf 'BAD SECTOR ' >filler
cp whole.dd filled.dd
cp whole.map filled.map
quietly 0 ddrescue -q -f --fill-mode=- filler filled.dd filled.map
add filled filled.dd --log filled.map

# Maps of other places than those of the image, cut ones, and none.
quietly 0 ddrescue -q -i 1Mi -o 0 disk.dd moved.dd moved.map
add moved moved.dd --log moved.map
head -c -8 whole.map >cut.map
add cut whole.dd --log cut.map
