# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Volumes made from a folder: nothing was ever deleted there.
needs mke2fs mformat mcopy jq openssl
needs_confinement
export MTOOLS_SKIP_CHECK=1
mkdir tree
for n in 1 2 3 4 5; do bytes $((n * 7000)) >tree/$n.bin; done
gif >tree/a.gif
judge() {
  athar carve "$1.img" --case "$1" --exhibit 1 --every-byte >out 2>err
  echo "$1: exit $?, $(wc -l <"$1/1/carve-001/items.jsonl") items"
  jq -r '[.grade, .state, .path, .type] | @csv' "$1/1/carve-001/items.jsonl"
  cat "$1/1/carve-001/findings.jsonl"
}
for kind in ext2 ext3 ext4; do
  truncate -s 8M $kind.img
  mke2fs -q -t $kind -d tree $kind.img
  judge $kind
done
truncate -s 8M fat.img
mformat -i fat.img -t 128 -h 2 -s 64 ::
mcopy -i fat.img tree/* ::
judge fat
if command -v mkntfs >/dev/null; then
  truncate -s 8M ntfs.img
  mkntfs -F -q ntfs.img >/dev/null 2>&1
  judge ntfs
else
  echo 'ntfs: exit 0, 0 items'
fi
# Asked for, the live ones come too, as what they are.
athar carve ext4.img --case live --exhibit 1 --allocated >out 2>err
echo "exit $?"
grep -E '^  (live|deleted|unallocated) ' out
jq -r 'select(.path == "a.gif" or .path == "5.bin") | [.state, .grade, .method, .path, .size] | @csv' \
  live/1/carve-001/items.jsonl | sort
for n in 1 2 3 4 5; do sha256sum <tree/$n.bin | cut -c1-64; done | sort >wanted
jq -r 'select(.path // "" | endswith(".bin")) | .hashes.sha256' live/1/carve-001/items.jsonl | sort | cmp - wanted
