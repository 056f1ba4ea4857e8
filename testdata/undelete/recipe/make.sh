#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# make.sh SEED KIND [OUT]: makes the seed volume KIND-SEED.img and its truth, KIND-SEED.truth.tsv, in OUT
# (default: the folder above this one, packed). KIND: ext2 ext3 ext4 f2fs fat32 exfat ntfs; SEED: a
# number, or "twin" for the tree in which nothing was ever deleted.
# Needs root, python3, xz, e2fsprogs, f2fs-tools, dosfstools, exfatprogs, ntfs-3g, attr, and for all but
# ntfs qemu-system-x86_64, busybox-static and GUEST_KERNEL (see guest.sh). MAKE_WORK keeps the work.
set -euo pipefail
seed=$1 kind=$2
here=$(cd "$(dirname "$0")" && pwd)
out=${3:-$here/..}
work=${MAKE_WORK:-$(mktemp -d)}
mkdir -p "$work"
work=$work/$kind-$seed
[ -n "${MAKE_WORK:-}" ] || trap 'rm -rf "${work%/*}"' EXIT
rm -rf "$work"
mkdir -p "$work"
image=$work/$kind-$seed.img
python3 "$here/plan.py" "$kind" "$seed" "$work"

type=$kind options=noatime,nodev
export GUEST_MODULES
quietly() { "$@" >"$work/mkfs.log" 2>&1 || { cat "$work/mkfs.log"; exit 1; }; }
sized() { truncate -s "$1" "$image"; }
case $kind-$seed in
  ext2-1 | ext2-twin) sized 20M; quietly mke2fs -t ext2 -m 0 -b 1024 "$image" ;;
  ext2-*) sized 20M; quietly mke2fs -t ext2 -m 0 -b 4096 "$image" ;;
  ext3-1 | ext3-twin) sized 24M; quietly mke2fs -t ext3 -m 0 -b 1024 -J size=4 "$image" ;;
  ext3-*) sized 24M; quietly mke2fs -t ext3 -m 0 -b 4096 -J size=4 "$image" ;;
  ext4-2) sized 24M; quietly mke2fs -t ext4 -m 0 -b 1024 -J size=4 -O ^metadata_csum,^64bit,^flex_bg "$image" ;;
  ext4-3) sized 24M; quietly mke2fs -t ext4 -m 0 -b 1024 -I 256 -J size=4 -O inline_data,metadata_csum "$image" ;;
  ext4-4) sized 24M; quietly mke2fs -t ext4 -m 0 -b 4096 -J size=4 "$image" ;;
  ext4-5) sized 32M; quietly mke2fs -t ext4 -m 0 -b 2048 -J size=8 -O meta_bg,^resize_inode,64bit "$image" ;;
  ext4-*) sized 28M; quietly mke2fs -t ext4 -m 0 -b 4096 "$image" ;;
  f2fs-2) sized 64M; quietly mkfs.f2fs -f -O extra_attr,inode_checksum,inode_crtime,flexible_inline_xattr "$image" ;;
  f2fs-5) sized 64M; quietly mkfs.f2fs -f -O extra_attr,inode_checksum,compression "$image" ;;
  f2fs-*) sized 64M; quietly mkfs.f2fs -f "$image" ;;
  fat32-2) sized 64M; quietly mkfs.vfat -F 32 -s 1 "$image" ;;
  fat32-3) sized 67M; quietly mkfs.vfat -F 32 -s 2 "$image" ;;
  fat32-4) sized 40M; quietly mkfs.vfat -F 32 -s 1 -f 1 -R 64 "$image" ;;
  fat32-*) sized 36M; quietly mkfs.vfat -F 32 -s 1 "$image" ;;
  exfat-2) sized 24M; quietly mkfs.exfat -c 512 "$image" ;;
  exfat-*) sized 32M; quietly mkfs.exfat -c 4096 "$image" ;;
  ntfs-2) sized 24M; quietly mkntfs -F -Q -c 512 "$image" ;;
  ntfs-3) sized 24M; quietly mkntfs -F -Q -c 1024 "$image" ;;
  ntfs-*) sized 24M; quietly mkntfs -F -Q -c 4096 "$image" ;;
  *) echo "make.sh: no kind $kind"; exit 2 ;;
esac
case $kind in
  ext2) GUEST_MODULES=ext4 ;;
  ext3 | ext4) GUEST_MODULES=ext4 options=$options,commit=3600 ;;
  f2fs) GUEST_MODULES=f2fs options=$options,nodiscard,background_gc=off ;;
  fat32) GUEST_MODULES='vfat nls_cp437 nls_utf8 nls_iso8859-1 nls_ascii' type=vfat options=$options,utf8,tz=UTC ;;
  exfat) GUEST_MODULES='exfat nls_utf8' options=$options,iocharset=utf8 ;;
esac
case $kind-$seed in
  ext4-6) export GUEST_UNCLEAN=yes ;;
  f2fs-3) options=$options,noinline_data,noinline_dentry ;;
  f2fs-5) options=$options,compress_algorithm=lz4,compress_extension=txt,compress_extension=log ;;
esac

# by_fuse SCRIPT: the same through ntfs-3g, on this machine.
by_fuse() {
  local mount=$work/mount rc=0
  mkdir -p "$mount"
  ntfs-3g "$image" "$mount" -o noatime,streams_interface=windows,compression
  (cd "$mount" && X=$work/extra sh "$1") || rc=$?
  sync
  umount "$mount"
  return "$rc"
}

for script in "$work"/stage-*.sh; do
  case $kind in
    ntfs) by_fuse "$script" ;;
    *) "$here/guest.sh" "$image" "$type" "$options" "$script" "$work/extra" ;;
  esac >"${script%.sh}.log" 2>&1
  # A write that failed would leave a state that nobody knows.
  if grep -a -i -E 'error|no space|cannot|failed|not found' "${script%.sh}.log"; then exit 1; fi
  grep -a -E '^(.*)(room|fill): ' "${script%.sh}.log" || true
  cp --sparse=always "$image" "${script%.sh}.img"
done
python3 "$here/truth.py" "$kind" "$work" "$image" >"$work/$kind-$seed.truth.tsv"
mkdir -p "$out"
cp "$work/$kind-$seed.truth.tsv" "$out/"
if [ -n "${3:-}" ]; then
  cp --sparse=always "$image" "$out/"
else
  xz -9e -T1 -c "$image" >"$out/$kind-$seed.img.xz"
fi
