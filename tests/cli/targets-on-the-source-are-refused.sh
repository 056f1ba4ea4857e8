# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl jq losetup mkfs.ext4 mkfs.vfat
needs_root
needs_confinement
truncate -s 8M disk.img
mkfs.ext4 -q -F disk.img
device=$(losetup -f --show disk.img 2>/dev/null) || exit 77
mkdir mount
export device
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -o ro "$device" mount || exit 77
  quietly 0 athar acquire "$device" --case case --exhibit readonly
  mount -o remount,rw mount
  one_line 5 athar acquire "$device" --case case --exhibit mounted
  quietly 0 athar case new mount/case
  one_line 5 athar acquire "$device" --case mount/case --exhibit here
  umount mount
  quietly 0 athar verify "$device" --against disk.img
  quietly 0 athar verify disk.img --against "$device"
  truncate -s 6G fat.img && mkfs.vfat -F 32 fat.img >/dev/null
  mount -o loop fat.img mount 2>/dev/null && {
    truncate -s 5G huge.img
    quietly 0 athar case new mount/case
    one_line 5 athar acquire huge.img --case mount/case --exhibit 1 --format raw
    umount mount
  }
  mount -t tmpfs -o size=4m none mount
  quietly 0 athar case new mount/case
  bytes 6000000 >large.img
  one_line 5 athar acquire large.img --case mount/case --exhibit 1
  ls mount/case
  jq -r "[.action, .data.result // empty] | join(\" \")" mount/case/custody.jsonl case/custody.jsonl'
status=$?
losetup -d "$device"
exit $status
