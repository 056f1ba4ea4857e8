#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What wrote kernel.img: run as root under a kernel with F2FS, on /dev/vda made by
#
#   truncate -s 64M kernel.img
#   mkfs.f2fs -f -l 'Kern ü' -O encrypt,extra_attr,inode_checksum,inode_crtime,compression,flexible_inline_xattr,sb_checksum kernel.img
#
# with busybox, and as /extra/lock a program that adds a key (FS_IOC_ADD_ENCRYPTION_KEY) to the file system and sets a
# policy for a folder (FS_IOC_SET_ENCRYPTION_POLICY). It ends without unmounting, as when power is lost.
# kernel.truth is what it prints: the state, SHA-256 and path of each file.
say() { # STATE PATH...
  state=$1
  shift
  sha256sum "$@" | while read -r sum path; do echo "TRUTH $state $sum ${path#/mnt/}"; done
}
text() { # LINES PATH
  i=0
  while [ $i -lt "$1" ]; do
    echo "line $i of $2 and some words that come again and again"
    i=$((i + 1))
  done >"$2"
}
mkdir -p /mnt
for a in lz4 zstd lzo lzo-rle; do
  mount -t f2fs -o compress_algorithm=$a,compress_extension=txt,compress_log_size=2,compress_chksum /dev/vda /mnt
  mkdir -p /mnt/$a/sub
  text 500 /mnt/$a/keep.txt
  text 700 /mnt/$a/gone.txt
  text 3 /mnt/$a/sub/small.txt
  sync
  say live /mnt/$a/keep.txt
  say deleted /mnt/$a/gone.txt /mnt/$a/sub/small.txt
  umount /mnt
done
mount -t f2fs /dev/vda /mnt
rm -r /mnt/*/gone.txt /mnt/*/sub
# Encrypted.
mkdir /mnt/locked
/extra/lock /mnt /mnt/locked
text 5 /mnt/locked/secret
# More than the inode can say: direct nodes, an indirect one, holes.
mkdir -p /mnt/p/q
i=0
while [ $i -lt 3100 ]; do
  if [ $((i % 64)) -eq 0 ]; then
    printf 'block %d' $i | dd of=/mnt/p/q/far.bin bs=4096 seek=$i conv=notrunc 2>/dev/null
    printf 'other %d' $i | dd of=/mnt/p/far.bin bs=4096 seek=$i conv=notrunc 2>/dev/null
  fi
  i=$((i + 1))
done
# Blocks of names.
mkdir /mnt/many
i=0
while [ $i -lt 120 ]; do
  echo "file $i" >/mnt/many/a_rather_long_name_of_a_file_$i
  i=$((i + 1))
done
ln /mnt/many/a_rather_long_name_of_a_file_7 /mnt/p/link
echo before >/mnt/p/renamed
mv /mnt/p/renamed /mnt/many/renamed
# An earlier content, and a number used twice.
text 200 /mnt/rewritten
echo old >/mnt/note
sync
say live /mnt/p/far.bin /mnt/p/link
say deleted /mnt/p/q/far.bin /mnt/many/renamed /mnt/many/a_rather_long_name_of_a_file_3 /mnt/note
say earlier /mnt/rewritten
rm -r /mnt/p/q /mnt/many/renamed /mnt/many/a_rather_long_name_of_a_file_3 /mnt/note
: >/mnt/rewritten
sync
text 150 /mnt/locked/x
mv /mnt/locked/x /mnt/locked/y
text 40 /mnt/rewritten
echo new >/mnt/note2
# Unlinked while it is open.
exec 5>/mnt/open
text 30 /mnt/open
sync
say live /mnt/rewritten /mnt/note2
say deleted /mnt/open
rm /mnt/open
mkdir /mnt/dir
sync
# After the last checkpoint.
dd if=/mnt/lz4/keep.txt of=/mnt/dir/synced bs=30000 count=1 conv=fsync 2>/dev/null
dd if=/mnt/p/link of=/mnt/p/synced conv=fsync 2>/dev/null
say live /mnt/dir/synced /mnt/p/synced
echo b >/proc/sysrq-trigger
sleep 5
