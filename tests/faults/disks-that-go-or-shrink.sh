# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# A device that is away, comes back, becomes smaller, or is another one.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport losetup
needs_confinement

bytes 33554432 >back
bytes 33554432 99 >other

for format in ewf raw; do
  # Away after 40 %: stopped, resumable; back: goes on.
  echo 'goes bytes 13421772' >faults
  make_disk back faults
  acquire 4 "$format" --format "$format"
  nothing_claimed "$format"
  at_most 'reads of a device that is away' 100 "$(failed_reads)"
  drop_disk
  # Another disk of the same size is not taken for it.
  : >healthy
  make_disk other healthy
  acquire '5|4' "$format" --format "$format" --resume
  nothing_claimed "$format"
  drop_disk
  make_disk back healthy
  acquire 0 "$format" --format "$format" --resume
  judge "$format" back
  drop_disk

  # It is waited for.
  make_disk back faults
  (
    await test -e "$control/gone"
    sleep 2
    rm "$control/gone"
  ) &
  acquire 0 "${format}waits" --format "$format" --wait-device 30
  wait
  at_least 'milliseconds' 1900 "$took"
  judge "${format}waits" back
  drop_disk
  shown "--format $format: away: exit 4; another disk: refused; back: exit 0; --wait-device: exit 0 after $took ms"
done

# Nobody comes: the wait ends.
make_disk back faults
acquire 4 nobody --wait-device 2
nothing_claimed nobody
at_most 'milliseconds' 15000 "$took"
drop_disk

# It becomes smaller while it is read, and the kernel hears of it.
echo 'slow 0 65536 30' >slowly
make_disk back slowly
(
  await reads_are 8
  echo 25165824 >"$control/size"
  losetup -c "$disk"
) &
acquire 4 smaller --format raw
wait
nothing_claimed smaller
acquire '5|4' smaller --format raw --resume
nothing_claimed smaller
rm "$control/size"
losetup -c "$disk"
acquire 0 smaller --format raw --resume
judge smaller back
drop_disk

# A loop device has no serial number: it is not the disk that was asked for.
make_disk back healthy
acquire 5 serial --expect-serial WD-1234
if [ -e "$case/serial" ] || [ -e "$case/serial.partial" ]; then
  fail "something was made of a refused disk"
fi
