# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfverify ewfinfo ewfexport ddrescuelog
needs_confinement
bytes 4194304 >disk.img
quietly 0 athar case new case

# What ddrescue could not read, and what it did not try: zeros in its image.
cat >found.map <<'TEXT'
# Mapfile. Created by GNU ddrescue version 1.27
# current_pos  current_status  current_pass
0x00200000     ?               1
#      pos        size  status
0x00000000  0x00010000  +
0x00010000  0x00000200  -
0x00010200  0x000FFE00  +
0x00110000  0x00000600  /
0x00110600  0x00000A00  *
0x00111000  0x0006F000  +
0x00180000  0x00080000  ?
0x00200000  0x00200000  +
TEXT
quietly 0 ddrescuelog -q -t found.map
# lay FILE: zeros where the map on stdin, one of ddrescuelog's lists of sectors, says so.
lay() {
  while read -r sector; do
    dd if=/dev/zero of="$1" bs=512 seek="$sector" count=1 conv=notrunc status=none
  done
}
cp disk.img found.img
ddrescuelog -b512 -l'?*/-' found.map | lay found.img
# Not all of what it did not read is zeros in an image that was there before.
cp disk.img dirty.img

# judge ID FILE: its bytes are those of the file.
judge() {
  local record=case/$1/acquisition.json image=case/$1/$1.dd
  [ "$(jq -r .hashes.sha256 "$record")" = "$(hash_of sha256sum <"$2")" ] || echo "$1: another hash"
  jq -c '[.bad_bytes, .unread_bytes, .read_back], [.bad[] | [.offset, .length, .kind]]' "$record"
  # Its map says the same to ddrescue, whatever reason it gave.
  ddrescuelog -b512 -l'?*/-' "case/$1/$1.map" | cmp - lacking
  if [ ! -e "$image" ]; then
    quietly 0 ewfverify -q "case/$1/$1.E01"
    ewfinfo -e "case/$1/$1.E01" | grep 'at sector\|number of sectors\|at offset' | sed 's/^[[:space:]]*//'
    rm -f exported.*
    quietly 0 ewfexport -u -q -f raw -t exported "case/$1/$1.E01"
    image=exported.raw
  fi
  cmp "$2" "$image"
}
ddrescuelog -b512 -l'?*/-' found.map >lacking
for format in ewf raw; do
  quietly 3 athar acquire found.img --case case --exhibit "found-$format" --format $format --from-map found.map
  judge "found-$format" found.img
  quietly 3 athar acquire dirty.img --case case --exhibit "dirty-$format" --format $format --from-map found.map
  judge "dirty-$format" found.img
done

# Only what a map calls finished is read.
printf '0 + 1\n0x0 0x8000 ?\n0x8000 0x100000 +\n0x108000 0xf8000 ?\n0x200000 0x10000 +\n0x210000 0x1f0000 -\n' >domain.map
quietly 0 ddrescuelog -q -t domain.map
cp disk.img part.img
ddrescuelog -b512 -l'?-' domain.map | lay part.img
ddrescuelog -b512 -l'?-' domain.map >lacking
for format in ewf raw; do
  quietly 3 athar acquire disk.img --case case --exhibit "part-$format" --format $format --domain domain.map
  judge "part-$format" part.img
done
# A map that ends before the disk does says nothing of the rest.
printf '0 + 1\n0 0x400 +\n' >short.map
quietly 3 athar acquire disk.img --case case --exhibit short --domain short.map
jq -c '[.bad_bytes, .unread_bytes]' case/short/acquisition.json

# What an image of its own has is taken from there, the rest is read.
quietly 0 athar acquire disk.img --case case --exhibit both --from-map found.map --from-image found.img
[ "$(jq -r .hashes.sha256 case/both/acquisition.json)" = "$(hash_of sha256sum <disk.img)" ] || echo "another hash"
quietly 0 athar verify case

# Maps of other disks, and what is no map.
printf '0 + 1\n0 0x400200 +\n' >large.map
one_line 5 athar acquire found.img --case case --exhibit no --from-map large.map
one_line 5 athar acquire disk.img --case case --exhibit no --from-map large.map --from-image found.img
printf '0 + 1\n0 0x400000 ?\n' >nothing.map
one_line 2 athar acquire disk.img --case case --exhibit no --domain nothing.map
one_line 2 athar acquire disk.img --case case --exhibit no --from-image found.img
: >empty
printf '0 + 1\n0 0x1000 +\n0x800 0x1000 +\n' >overlap
printf '0 + 1\n0 0xffffffffffffffff +\n0xffffffffffffffff 2 +\n' >beyond
printf '0 + 1\n0 0x1000 x\n' >letter
printf 'it was read\n' >words
for junk in empty overlap beyond letter words disk.img /dev/null missing; do
  for option in from-map domain; do
    "athar" acquire found.img --case case --exhibit no --$option $junk >out 2>err
    echo "$junk --$option: exit $?, $(wc -l <err) line, $(wc -c <out) bytes"
  done
done
find case -name 'no*'
