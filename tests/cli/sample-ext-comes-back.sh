# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# ext4: the journal has names and places of all that was deleted. ext2: both are cleared; what maps the
# blocks of long files is left, and the formats prove the rest. The text of 42 bytes and the film without
# an end mark cannot be proven: they are there, and partial.
needs jq sha256sum
needs_confinement
sample ext4
quietly 0 athar carve ext4.img --grade partial --case ext4 --exhibit 1
judge_sample ext4/1/carve-001 journal
rm ext4.img
sample ext2
quietly 0 athar carve ext2.img --grade partial --case ext2 --exhibit 1
hashes() { cut -c1-64 | sort -u; }
(cd /usr/share/forensics-samples/original-files && sha256sum ./*2/*) | grep -v 'png$' | hashes >wanted
jq -r '.hashes.sha256 // empty' ext2/1/carve-001/items.jsonl | hashes | comm -12 - wanted | wc -l
jq -r 'select(.file != null and .method != "embedded") | "\(.method) \(.grade) \(.type) \(.size)"' ext2/1/carve-001/items.jsonl
(cd ext2/1/carve-001 && sha256sum --quiet -c manifest.sha256)
