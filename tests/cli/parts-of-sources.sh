# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfacquire ewfverify
needs_confinement
bytes 6000128 >disk.img
quietly 0 ewfacquire -u -q -t packed -f encase6 -S 1MiB disk.img
quietly 0 athar case new case

# part ID OFFSET SIZE OPTION...: what dd takes of it is what the exhibit has.
part() {
  local id=$1 offset=$2 size=$3 source
  shift 3
  tail -c +$((offset + 1)) disk.img | head -c "$size" >part
  for source in disk.img packed.E01; do
    for format in ewf raw; do
      exhibit=$id-${source%%.*}-$format
      quietly 0 athar acquire $source --case case --exhibit "$exhibit" --format $format "$@"
      record=case/$exhibit/acquisition.json
      [ "$(jq -r .hashes.sha256 "$record")" = "$(hash_of sha256sum <part)" ] || echo "$exhibit: another hash"
      jq -c '[.settings.offset, .source.size, .read_back]' "$record"
      if [ $format = raw ]; then
        cmp part "case/$exhibit/$exhibit.dd"
      else
        quietly 0 ewfverify -q "case/$exhibit/$exhibit.E01"
      fi
    done
  done
}
part beginning 0 1048576 --size 1MiB
part middle 1049088 2999808 --offset 2049s --size 5859s
part end 3000320 2999808 --offset 3000320
part whole 0 6000128 --size 6000128
part one 512 512 --offset 1s --size 1s

# A part may end with half a sector where the source does.
bytes 1000 >odd.img
quietly 0 athar acquire odd.img --case case --exhibit tail --format raw --offset 1s
tail -c 488 odd.img | cmp - case/tail/tail.dd
quietly 0 athar acquire odd.img --case case --exhibit size --format raw --offset 1s --size 488
tail -c 488 odd.img | cmp - case/size/size.dd

# Half a sector elsewhere is nobody's, and nothing lies behind the end.
one_line 2 athar acquire disk.img --case case --exhibit no --offset 100
one_line 2 athar acquire disk.img --case case --exhibit no --size 1000
one_line 2 athar acquire packed.E01 --case case --exhibit no --size 1000
one_line 2 athar acquire odd.img --case case --exhibit no --offset 1s --size 489
one_line 2 athar acquire disk.img --case case --exhibit no --offset 6000640
one_line 2 athar acquire disk.img --case case --exhibit no --offset 1s --size 6000128
one_line 2 athar acquire disk.img --case case --exhibit no --offset 18446744073709551104
one_line 2 athar acquire disk.img --case case --exhibit no --offset 1z
find case -name 'no*'

# Gone on with, it is the same part, and no other is.
mixed 160000000 >large.img
for format in ewf raw; do
  id=killed-$format
  settings=(--format "$format" --offset 10s --size 150MiB)
  athar acquire large.img --case case --exhibit "$id" "${settings[@]}" -j 1 >out 2>err &
  until [ -s "case/$id.partial/$id.sha256" ] || ! kill -0 $! 2>/dev/null; do :; done
  kill -KILL $!
  { wait $!; } 2>/dev/null
  one_line 5 athar acquire large.img --case case --exhibit "$id" --format $format --offset 11s --size 150MiB --resume
  quietly 0 athar acquire large.img --case case --exhibit "$id" "${settings[@]}" --resume
  tail -c +5121 large.img | head -c 150M | hash_of sha256sum | cmp - <(jq -r .hashes.sha256 "case/$id/acquisition.json")
  jq -c '[.sessions[].result]' "case/$id/acquisition.json"
done
quietly 0 athar verify case
