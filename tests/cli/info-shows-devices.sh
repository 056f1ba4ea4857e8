# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs losetup jq
needs_root
truncate -s 8M disk.img
device=$(losetup -r -b 4096 -f --show disk.img 2>/dev/null) || exit 77
athar info --devices --json >all.json 2>/dev/null
athar info --devices >all.txt 2>/dev/null
losetup -d "$device"
jq -r --arg node "$device" 'select(.device.node == $node) | .device |
  .bus, .identity, .size, .sector_format, .read_only, .virtual, .hidden.hpa, .smart.available,
  (.partitions + .mounted + .holders + .swap | length)' all.json
awk -v node="$device" '$0 == node { on = 1; next } /^[^ ]/ { on = 0 } on' all.txt |
  grep -E 'Bus|Known by|Size|Sectors|Read-only|HPA|SMART'
# Every disk that has a size is there, in order.
for disk in /sys/class/block/*; do
  [ -e "$disk/partition" ] || [ "$(cat "$disk/size")" = 0 ] || basename "$disk"
done | sort -V >expected
jq -r 'select(.device) | .device.node | sub("/dev/"; "")' all.json >listed
grep -v loop expected | diff - <(grep -v loop listed)
