# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Debian's samples with no word of any file system: what was deleted, by its content alone. Of the ten kinds two can
# prove no end: a script of 42 bytes is none of the formats' that are written, and the film has no end code, so it
# is partial, though its length is right. The picture of the images is another than the one beside them.
needs jq sha256sum
needs_confinement
(cd /usr/share/forensics-samples/original-files 2>/dev/null && sha256sum ./*/*) >all 2>/dev/null
for kind in vfat ntfs exfat ext4 ext2; do
  sample $kind
  quietly 0 athar carve $kind.img --case $kind --exhibit 1 --method content,fragments --grade partial
  rm $kind.img
  items=$kind/1/carve-001/items.jsonl
  grep -F '2/' all | cut -c1-64 | sort -u >deleted
  good='select(.grade == "intact" or .grade == "complete") | .hashes.sha256'
  echo "$kind: $(jq -r '.hashes.sha256 // empty' $items | sort -u | comm -12 - deleted | wc -l) there," \
    "$(jq -r "$good" $items | sort -u | comm -12 - deleted | wc -l) of them graded intact or complete," \
    "$(jq -r "select(.type != \"png\") | $good" $items | grep -vcF -f <(cut -c1-64 all)) wrong"
  jq -r 'select(.method == "fragments") | "  \(.type) \(.grade) in \(.extents | length) pieces"' $items
done
