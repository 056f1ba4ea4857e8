# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# File systems that no partition table leads to are found where partitions begin, once each, and not by
# the copies of their superblocks; and a table for sectors of 4096 bytes is read.
needs mkfs.ext4 mkfs.fat sfdisk fdisk jq
needs_confinement
truncate -s 20M one
mkfs.ext4 -q -F -b 1024 -O ^resize_inode -U 00000000-0000-0000-0000-000000000001 one
truncate -s 8M two
mkfs.fat -i 12345678 two >out
volumes() {
  athar info "$1" --json 2>err | jq -r '.image.volumes // [] | .[] |
    [.offset, .length, .kind, .file_system, .description] | map(tostring) | join(" ")'
}
# laid IMAGE OFFSET FILE
laid() { dd if="$3" of="$1" bs=512 seek=$(($2 / 512)) conv=notrunc status=none; }

echo "no table:"
truncate -s 64M wiped
laid wiped 1048576 one
laid wiped 33554432 two
volumes wiped

echo "sector 63, and right behind it:"
truncate -s 64M old
laid old 32256 two
laid old $((32256 + 8388608)) one
volumes old

echo "a partition was deleted:"
truncate -s 64M deleted
echo 'start=65536, size=16384, type=c' | sfdisk -q deleted
laid deleted 1048576 one
laid deleted 33554432 two
volumes deleted

echo "what was there reaches into a partition:"
truncate -s 64M under
echo 'start=16384, size=16384, type=c' | sfdisk -q under
laid under 1048576 one
laid under 8388608 two
volumes under

echo "sectors of 4096 bytes:"
truncate -s 64M phone
printf 'g\nn\n1\n256\n5375\nw\n' | fdisk -b 4096 phone >out
laid phone 1048576 one
volumes phone
echo "its first copy is gone:"
dd if=/dev/zero of=phone bs=4096 count=6 conv=notrunc status=none
volumes phone
