# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the library does not open is no empty disk: it is named, and carving says that it was passed over.
needs mkfs.ext4 jq
needs_confinement
truncate -s 16M ext.img
mkfs.ext4 -q -F -O bigalloc -C 16384 ext.img 2>/dev/null
athar info ext.img --json >out 2>err
echo "exit $?"
jq -r '.. | .volumes? // empty | .[]? | objects | [.kind, .finding] | join(": ")' out | sort -u
gif | dd of=ext.img bs=4096 seek=3000 conv=notrunc status=none
athar carve ext.img --case case --exhibit 1 -y >out 2>err
echo "exit $?"
jq -r '.text' case/1/carve-001/findings.jsonl
# So is one whose superblock is all that is left of it.
head -c 2048 ext.img >begin.img
printf '\0\0\0\0' | dd of=begin.img bs=1 seek=1124 conv=notrunc status=none
truncate -s 1M rest
cat begin.img rest >broken.img
athar info broken.img >out 2>err
echo "exit $?"
grep -c 'could not be opened' out
