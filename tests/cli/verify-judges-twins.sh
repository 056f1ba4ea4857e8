# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Two images of one medium, both damaged in places that are known because the damage was done here.
needs openssl jq perl ewfacquire
needs_confinement
bytes 6291456 >disk.img
quietly 0 athar acquire disk.img --case case --exhibit 1 --compression none
begin=$(ewf_content case/1/1.E01 sectors)
# spoil CASE CHUNK...: one bit of each of these chunks of 32 KiB.
spoil() {
  local image=$1/1/1.E01 chunk
  shift
  for chunk; do flip "$image" $((begin + chunk * 32772 + 77)); done
}
judge() {
  echo "$1"
  shift
  athar verify "$@" --json >out 2>err
  echo "exit $?"
  jq -r 'select(.type == "row" and .kind == "against") |
    "  \(.good // "-"): \(.sector // "") \(.last_sector // "") \(.detail | sub("^sectors.*?: "; ""))"' out
  tail -n 1 out | jq -c .paths[0].twins
}
# Chunks 3 and 17 are of one block, 40 is damaged in both, 100 here, 140 there.
cp -r case here
cp -r case there
spoil here 3 40 100
spoil there 17 40 140
judge 'with the hashes of the blocks' here/1/1.E01 --against there/1/1.E01
rm here/1/1.sha256
judge 'with those beside the other one' here/1/1.E01 --against there/1/1.E01
rm there/1/1.sha256
judge 'with the checksums of the chunks alone' here/1/1.E01 --against there/1/1.E01
judge 'the other way round' there/1/1.E01 --against here/1/1.E01
rm -rf here there
cp -r case here
cp -r case there
rm here/1/1.sha256 there/1/1.sha256
spoil here 3 100
spoil there 17 140
judge 'damage that does not meet: together they have the hash stored in them' here/1/1.E01 --against there/1/1.E01
echo 'E01 and raw'
cp disk.img raw.img
flip raw.img 3000000
judge 'damaged E01, raw with one bit changed' here/1/1.E01 --against raw.img
judge 'raw with one bit changed, sound E01' raw.img --against case/1/1.E01
cp case/1/1.E01 alone.E01
judge 'the same, and no hash of blocks' raw.img --against alone.E01
judge 'damaged E01, sound raw' here/1/1.E01 --against disk.img
ewfacquire -u -q -c none -t disk raw.img >/dev/null 2>&1
judge 'two sound E01 of two states' disk.E01 --against alone.E01
echo 'raw and raw'
cp disk.img other.img
flip other.img 5000000
judge 'nothing speaks for either' raw.img --against other.img
rm -rf here
quietly 0 athar acquire disk.img --case here --exhibit 1 --format raw
flip here/1/1.dd 1000
flip here/1/1.dd 5000600
judge 'with the hashes of the blocks' here/1/1.dd --against other.img
echo 'what could not be read when it was acquired'
jq '.bad = [{"kind": "bad", "length": 1024, "offset": 2097152}, {"kind": "unread", "length": 512, "offset": 4194304}]' \
  here/1/acquisition.json >record && mv record here/1/acquisition.json
rm here/1/1.sha256
cp disk.img here/1/1.dd
dd if=/dev/zero of=here/1/1.dd bs=512 seek=4096 count=2 conv=notrunc status=none
judge 'here' here/1/1.dd --against disk.img
judge 'there' disk.img --against here/1/1.dd
# Sizes.
echo 'sizes'
head -c 1000000 disk.img >odd.img
quietly 0 athar acquire odd.img --case odd --exhibit 1
athar verify odd.img --against odd/1/1.E01 --json | jq -r 'select(.kind == "size") | "\(.check): \(.detail)"'
athar verify odd/1/1.E01 --against odd.img --json | jq -r 'select(.kind == "size") | "\(.check): \(.detail)"'
quietly 0 athar verify odd.img --against odd/1/1.E01
quietly 0 athar verify odd/1/1.E01 --against odd.img
head -c 999000 disk.img >shorter.img
for pair in 'odd.img shorter.img' 'shorter.img odd.img'; do
  athar verify "${pair% *}" --against "${pair#* }" --json 2>/dev/null |
    jq -r 'select(.kind == "size") | "\(.check): \(.detail)"'
done
# ewfacquire drops the last, partial sector.
quietly 0 ewfacquire -u -q -t dropped odd.img
athar verify odd.img --against dropped.E01 --json 2>/dev/null |
  jq -r 'select(.kind == "size") | "\(.check): \(.detail)"'
# Split raw against E01.
split -b 2000000 -d -a 3 disk.img parts.
quietly 0 athar verify parts.000 --against alone.E01
flip parts.001 100
judge 'split raw, E01' parts.000 --against alone.E01
# What ddrescue left beside a raw image; the map is in the form of its manual.
mkdir dumps
cp disk.img dumps/a.img
dd if=/dev/zero of=dumps/a.img bs=512 seek=4096 count=2 conv=notrunc status=none
printf '# Mapfile.\n0x00600000     +               1\n0x00000000  0x00200000  +\n0x00200000  0x00000400  -\n0x00200400  0x003FFC00  +\n' >dumps/a.map
judge 'a map beside it' disk.img --against dumps/a.img
