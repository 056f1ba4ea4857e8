# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Files that begin at no sector are found at every byte, and only there.
needs jq sha256sum
needs_confinement
samples=$ATHAR_SOURCE/testdata/formats
files=(rgb.png deflated.zip tone.ogg plain.pdf wal.sqlite photo-first.jpg tail.mp4 moving.gif stereo.flac least.doc)
head -c 8191 /dev/zero >image.img
n=1
for file in "${files[@]}"; do
  cat "$samples/$file" >>image.img
  head -c $((3000 + n * 77)) /dev/zero | tr '\0' "\\$((n + 100))" >>image.img
  n=$((n + 1))
done
(cd "$samples" && sha256sum "${files[@]}") | cut -c1-64 | sort >wanted
found() { jq -r '.hashes.sha256 // empty' "$1" | sort -u | comm -12 - wanted | wc -l; }
quietly 0 athar carve image.img --case case --exhibit 1 --method content -y
quietly 0 athar carve case --method content --every-byte
echo "at sectors $(found case/1/carve-001/items.jsonl), at every byte $(found case/1/carve-002/items.jsonl) of $(wc -l <wanted)"
jq -r 'select(.grade == "intact" or .grade == "complete") | .hashes.sha256' case/1/carve-002/items.jsonl |
  grep -vcxF -f wanted || true
