# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq losetup blockdev mkfs.ext4 debugfs
needs_root
needs_confinement
truncate -s 8M disk.img
mkfs.ext4 -q -F -L seized disk.img
# When it was mounted last is known.
E2FSPROGS_FAKE_TIME=1795478400 debugfs -w -R 'set_super_value mtime 20261123101112' disk.img 2>/dev/null
device=$(losetup -r -f --show disk.img 2>/dev/null) || exit 77
trap 'losetup -d "$device"' EXIT
quietly 0 athar case new case

# A loop device has no serial number: none is the expected one.
one_line 5 athar acquire "$device" --case case --exhibit serial --expect-serial 1234
athar acquire "$device" --case case --exhibit serial --expect-serial 1234 2>&1 | grep -c 1234
one_line 5 athar acquire disk.img --case case --exhibit serial --expect-serial 1234
for date in yesterday 2026-13-01 2026-02-30 2026-11-22T25:00Z ''; do
  one_line 2 athar acquire "$device" --case case --exhibit date --seized "$date"
done
find case -name 'serial*' -o -name 'date*'

# seized ID DATE: what is said of its file system's use, and what is recorded.
seized() {
  athar acquire "$device" --case case --exhibit "$1" --seized "$2" >out 2>err
  echo "$1: exit $?"
  grep -o 'mounted at [^:]*:..:..Z' err
  jq -c '[.seized, [.used_since[] | select(.what == "mounted") | [.kind, .label, .time, .when]]]' "case/$1/acquisition.json"
}
seized after 2020-01-01
seized day 2026-11-23
seized instant 2026-11-23T10:11:11Z
seized zone 2026-11-23T12:11:13+02:00
seized before 2099-01-01
jq -c .used_since case/before/acquisition.json

# The sheet, what was done to the device, and that it was the same afterwards.
record=case/after/acquisition.json
[ "$(jq .device.size $record)" = "$(blockdev --getsize64 "$device")" ] || echo "another size"
[ "$(jq .source.sector_size $record)" = "$(blockdev --getss "$device")" ] || echo "another sector size"
[ "$(jq -r .source.path $record)" = "$device" ] || echo "another path"
[ "$(jq -r .hashes.sha256 $record)" = "$(hash_of sha256sum <disk.img)" ] || echo "another hash"
jq -c '[.source.device, .source.read_only, .source.serial, (.device | type), .held.applies, .identity_after, .read_back]' $record
