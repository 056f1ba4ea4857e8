# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq iconv
needs_confinement
{ bytes 100000; head -c 24000 /dev/zero; bytes 75680; } >disk.dd # 390 sectors
md5=$(hash_of md5sum <disk.dd)
sha1=$(hash_of sha1sum <disk.dd)
quietly 0 athar case new case

# add EXHIBIT LOG: what differs, what is noted, how it ended.
add() {
  athar case add case disk.dd --exhibit "$1" ${2:+--log "$2"} >out 2>err
  echo "$1: exit $?"
  grep -A2 DIFFERS out
  grep Note out
  sed "s,$PWD/,," err
}
ftk() { # MD5 SECTORS
  printf 'Created By AccessData® FTK® Imager 4.5.0.3\r\n\r\nCase Number: 42\r\nExaminer: خالد\r\n'
  printf ' Bytes per Sector: 512\r\n Sector Count: %s\r\n Drive Model: STICK\r\n' "$2"
  printf '[Computed Hashes]\r\n MD5 checksum:    %s\r\n SHA1 checksum:   %s\r\n' "$1" "$sha1"
}
ftk "$md5" 390 | iconv -f UTF-8 -t UTF-16LE >utf16.txt
add ftk utf16.txt
jq -c '.said[0] | [.format, .tool, .examiner, .model, .sectors]' case/ftk/acquisition.json
ftk 00000000000000000000000000000000 1,390 >wrong.txt
add wrong wrong.txt
jq -c '.differences[] | [.by, .what, .said, .seen]' case/wrong/acquisition.json | sed "s/$md5/MD5/"
tail -n 1 case/custody.jsonl | jq -r '[.action, .data.result, .data.differ] | join(" ")'

add nothing
bytes 5000 >noise.bin
add noise noise.bin
echo "<html><td>MD5</td><td>$md5</td></html>" >other.html
add other other.html
echo '<html><td>MD5</td><td>00000000000000000000000000000000</td></html>' >stranger.html
add stranger stranger.html

# Pieces, as segmented hashes and as windows; one of them is not what was said.
{
  echo 'Hash,start LBA,end LBA'
  echo "$(head -c 102400 disk.dd | hash_of md5sum) ,0,199"
  echo "$(tail -c +102401 disk.dd | hash_of sha1sum) ,200,389"
} >pieces.csv
add pieces pieces.csv
sed -i '3s/^..../0000/' pieces.csv
add pieces-2 pieces.csv

# Sectors that the tool could not read: zeros are taken for its fill, the rest is there.
{
  printf '\nGUYMAGER ACQUISITION INFO FILE\n\nAcquisition\n===========\n\nDevice size : 199680 (0.2MB)\n'
  printf 'During acquisition, 12 bad sectors have been encountered. The sector numbers are:\n   200-209, 9-10\n'
  printf 'MD5 hash : %s\n' "$md5"
} >disk.info
add bad disk.info
jq -c '[.bad_bytes, .bad, .seen.bad_with_data]' case/bad/acquisition.json

# An E01 that is damaged: its own checks, the hashes inside, and those of its files tell.
quietly 0 athar acquire disk.dd --case made --exhibit e --compression none
cp made/e/e.E01 image.E01
sha256sum image.E01 >files.txt
bytes 10 | sha256sum | sed 's/-/other.E01/' >>files.txt
printf X | dd of=image.E01 bs=1 seek=100000 conv=notrunc status=none
athar case add case image.E01 --exhibit damaged --log files.txt >out 2>err
echo "damaged: exit $?"
grep -A2 DIFFERS out | sed 's/[0-9a-f]\{32,\}/HASH/'
grep Note out
jq -c '[.seen.damaged, .compared]' case/damaged/acquisition.json

# What cannot be: nothing of it stays.
find case | sort >before
add none missing.txt
add folder .
add ftk utf16.txt
say athar case add case disk.dd
say athar case add case /dev/null --exhibit null
say athar case add case nowhere.E01 --exhibit nowhere
say athar case add nowhere disk.dd --exhibit x
head -c 67108865 /dev/zero >large.txt
add large large.txt
find case | sort | diff before -
