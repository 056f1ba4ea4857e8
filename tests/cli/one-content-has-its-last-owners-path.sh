# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Two deleted files had one block, one after the other: what lies there is the later one's.
needs mkfs.ext4 findmnt jq
needs_root
needs_confinement
truncate -s 8M ext.img
mkfs.ext4 -q -F -m 0 ext.img
mkdir at
if ! mount -o loop ext.img at 2>/dev/null; then
  echo "skipped: no loop device" >&2
  exit 77
fi
# The file system keeps blocks back, which would be taken first.
if ! echo 0 >"/sys/fs/ext4/$(basename "$(findmnt -no SOURCE at)")/reserved_clusters" 2>/dev/null; then
  umount at
  echo "skipped: the kernel keeps blocks back" >&2
  exit 77
fi
gif >at/a.gif
sync -f at
# All the rest, the last of it block by block.
cat /dev/zero >at/fill 2>/dev/null
dd if=/dev/zero of=at/more bs=1k oflag=sync status=none 2>/dev/null
sync -f at
rm at/a.gif
sync -f at
# The same picture in another colour.
gif | tr '\377' '\376' >at/b.gif
sync -f at
rm at/b.gif
umount at
quietly 0 athar carve ext.img --grade partial --case case --exhibit 1 -y
jq -r '[.grade, .method, .state, .path, (.also | map(.path) | join(" "))] | join(", ")' case/1/carve-001/items.jsonl
gif | tr '\377' '\376' | cmp - case/1/carve-001/recovered/000/000001.gif
