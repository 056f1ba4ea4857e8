# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Files inside of files: each is found, says the way to it, is what the tools of its container take out,
# and comes out again by its number.
needs jq zip unzip exiftool
needs_confinement
formats=$ATHAR_SOURCE/testdata/formats
mkdir -p d/word/media d/pictures
cp "$formats/thumbnail.jpg" d/pictures/photo.jpg
gif >d/pictures/dot.gif
cp "$formats/mpf.jpg" d/word/media/image1.jpg
cp "$formats/grey.jpg" d/word/media/image2.jpg
(
  cd d || exit 1
  printf '<?xml version="1.0"?>\n<Types/>\n' >'[Content_Types].xml'
  printf '<?xml version="1.0"?>\n<document/>\n' >word/document.xml
  zip -qX ../a.docx '[Content_Types].xml' word/document.xml word/media/image1.jpg
  zip -qX0 ../a.docx word/media/image2.jpg
  zip -qX ../pictures.zip pictures/photo.jpg pictures/dot.gif
)
zip -qX outer.zip a.docx pictures.zip
tar -cf - d/pictures | gzip -n >pictures.tgz
exiftool -b -ThumbnailImage d/pictures/photo.jpg >thumbnail.jpg
truncate -s 4M image
at=64
cp "$formats/scan.pdf" "$formats/raw.dng" .
{
  printf 'From: a@example.org\r\nTo: b@example.org\r\nDate: Fri, 1 Mar 2024 13:00:00 +0100\r\nSubject: x\r\n'
  printf 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
  printf -- '--=_b\r\nContent-Type: text/plain\r\n\r\nsee there\r\n'
  printf -- '--=_b\r\nContent-Type: image/jpeg; name="holiday.jpg"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
  base64 -w 76 "$formats/restarts.jpg" | sed 's/$/\r/'
  printf -- '--=_b--\r\n'
} >mail.eml
for file in outer.zip pictures.tgz scan.pdf mail.eml raw.dng; do
  dd if=$file of=image bs=512 seek=$at conv=notrunc status=none
  at=$((at + 1500))
done
quietly 0 athar carve image --case c --exhibit 1
items=c/1/carve-001/items.jsonl
jq -r 'select(.method == "embedded") | [.type, .path, .grade, ([.via[] | .container + ":" + .transform] | join(" "))] | @tsv' $items
# found NAME: a content that its own tool has taken out.
found() {
  jq -es --arg h "$(hash_of sha256sum)" 'any(.[]; .method == "embedded" and .hashes.sha256 == $h)' $items >/dev/null ||
    echo "$1 is missing"
}
unzip -p outer.zip a.docx | found a.docx
unzip -p outer.zip pictures.zip | found pictures.zip
unzip -p a.docx word/media/image1.jpg | found image1
unzip -p a.docx word/media/image2.jpg | found image2
unzip -p pictures.zip pictures/photo.jpg | found photo
unzip -p pictures.zip pictures/dot.gif | found dot
found thumbnail <thumbnail.jpg
exiftool -b -MPImage2 d/word/media/image1.jpg | found "second picture"
exiftool -b -OtherImage raw.dng | found "preview of raw"
# Its length stands in the PDF, its beginning behind the only stream.
length=$(grep -aoE 'Length [0-9]+' scan.pdf | cut -d' ' -f2)
begin=$(grep -aobE 'stream.$' scan.pdf | head -n 1 | cut -d: -f1)
tail -c +$((begin + 9)) scan.pdf | head -c "$length" | found scan
found holiday <"$formats/restarts.jpg"
# The same content in the other archive is one more place.
jq -r 'select(.method == "embedded") | .also[] | .path' $items
jq -r 'select(.method == "embedded") | [.item, .hashes.sha256] | @tsv' $items | while read -r item hash; do
  [ "$(athar cat c --item "$item" -q | hash_of sha256sum)" = "$hash" ] || echo "item $item differs"
done
# Listed first, taken out later: the same bytes.
quietly 0 athar carve c --list-only
quietly 0 athar carve c --extract "$(jq -r 'select(.method == "embedded" and .type == "jpeg") | .item' c/1/carve-002/items.jsonl | paste -sd,)"
diff <(jq -r 'select(.type == "jpeg" and .method == "embedded") | .hashes.sha256' $items | sort) \
  <(jq -r '.hashes.sha256' c/1/carve-003/items.jsonl | sort -u)
# Types that are asked for are found inside of others.
quietly 0 athar carve image --case c --exhibit 1 --type gif,zip
jq -r 'select(.type == "gif") | .path' c/1/carve-004/items.jsonl
# Not asked for, not looked at.
quietly 0 athar carve c --method content
jq -r .method c/1/carve-005/items.jsonl | sort -u
# A bomb is a finding.
head -c 300M /dev/zero >zeros
zip -q9 bomb.zip zeros
truncate -s 2M image2
dd if=bomb.zip of=image2 bs=512 seek=64 conv=notrunc status=none
athar carve image2 --case b --exhibit 1 -q 2>/dev/null
echo "exit $?"
jq -r '[.kind, .text] | @tsv' b/1/carve-001/findings.jsonl
# So is what lies too deep.
cp a.docx 1.zip
for n in 2 3 4 5 6 7; do
  zip -q $n.zip $((n - 1)).zip
done
truncate -s 1M image3
dd if=7.zip of=image3 bs=512 seek=64 conv=notrunc status=none
athar carve image3 --case deep --exhibit 1 -q 2>/dev/null
echo "exit $?"
jq -r '[.type, .path] | @tsv' deep/1/carve-001/items.jsonl
jq -r '[.kind, .text] | @tsv' deep/1/carve-001/findings.jsonl
