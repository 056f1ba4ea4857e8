# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# With data=journal the content of a file that is deleted soon never gets to the place that its inode names.
needs mkfs.ext4 jq openssl
needs_root
needs_confinement
# carve_after MODE: writes a file, deletes it, and says what comes of it.
carve_after() {
  rm -rf ext.img case
  truncate -s 16M ext.img
  mkfs.ext4 -q -F ext.img
  mkdir -p at
  if ! mount -o "loop,data=$1" ext.img at 2>/dev/null; then
    echo "skipped: no loop device" >&2
    exit 77
  fi
  bytes 9000 >at/letter
  sync -f at
  rm at/letter
  umount at
  quietly 0 athar carve ext.img --case case --exhibit 1 -y
  jq -r 'select(.path == "letter") | [.grade, .why[:37]] | join(": ")' case/1/carve-001/items.jsonl
}
carve_after ordered
carve_after journal
