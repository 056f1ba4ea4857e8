# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# The disk of the other tests, judged by tools that are not athar's.
needs_disk
needs openssl ddrescue

reads_as() {
  dd if="$disk" of=got bs="$sector" skip="$1" count=1 iflag=direct status=none 2>dd.txt
}

bytes 8388608 >back
for sector in 512 4096; do
  printf '%s\n' "sector $sector" 'bad 100 3' 'flaky 200 1 2' 'slow 300 1 300' 'slowbad 310 1 300' >faults
  make_disk back faults "$sector"
  for i in 99 103; do
    must "sector $i is good" reads_as "$i"
    must "sector $i holds its bytes" cmp -s got <(dd if=back bs="$sector" skip="$i" count=1 status=none)
  done
  for i in 100 101 102; do
    reads_as "$i" && fail "sector $i is bad"
  done
  # Direct reads take no neighbour with them.
  same 'reads of the disk' 5 "$(reads)"
  same 'failed reads' 3 "$(failed_reads)"
  same 'the last read' "$((102 * sector)) $sector EIO" "$(tail -n 1 "$log" | cut -d' ' -f2-)"
  reads_as 200 || reads_as 200 && fail 'sector 200 fails twice'
  must 'sector 200 is good at the third try' reads_as 200
  for i in 300 310; do
    begin=$(now_ms)
    reads_as "$i"
    at_least "milliseconds for sector $i" 300 $(($(now_ms) - begin))
  done
  : >"$log"
  ddrescue -q -d -r3 "$disk" out map -b "$sector"
  fill_bad faults "$sector" <back >filled
  same 'readable sectors that ddrescue loses' 0 "$(lost_sectors filled out)"
  same 'bad bytes in its map' $((4 * sector)) "$(map_total map -)"
  at_least 'failed reads of ddrescue' 16 "$(failed_reads)"
  rm -f out map
  drop_disk
done

# Dying: after so many bytes all fails, until it is brought back.
echo 'dies bytes 4194304' >faults
make_disk back faults
dd if="$disk" of=out bs=64k iflag=direct status=none 2>dd.txt && fail 'the disk does not die'
same 'bytes given out' 4194304 "$(stat -c %s out)"
[ -e "$control/dead" ] || fail 'the disk does not say that it died'
sector=512
reads_as 0 && fail 'a dead disk reads'
rm "$control/dead"
must 'the disk comes back' dd if="$disk" of=out bs=64k iflag=direct status=none
must 'it holds its bytes' cmp out back

# Gone: there is no device any more.
touch "$control/gone"
reads_as 0 && fail 'a disk that is gone reads'
grep -q 'No such device' dd.txt || fail "gone says: $(cat dd.txt)"
rm "$control/gone"
drop_disk
echo 'goes bytes 65536' >faults
make_disk back faults
dd if="$disk" of=out bs=64k iflag=direct status=none 2>dd.txt && fail 'the disk does not go'
[ -e "$control/gone" ] || fail 'the disk does not say that it went'
same 'bytes given out before it went' 65536 "$(stat -c %s out)"
drop_disk
: >faults
make_disk back faults

# Smaller than it said.
echo 1048576 >"$control/size"
reads_as 2047 || fail 'what is left reads'
reads_as 2048 && fail 'what is cut off reads'
must 'the kernel sees the new size' losetup -c "$disk"
same 'the new size' 1048576 "$(blockdev --getsize64 "$disk")"
drop_disk

# After so many reads; and a line that is no fault is refused.
echo 'dies reads 2' >faults
make_disk back faults
must 'first read' reads_as 0
must 'second read' reads_as 1
reads_as 2 && fail 'the third read of a disk that dies after two'
drop_disk
echo 'bda 1 2' >faults
mkdir other control
failing_disk "$PWD/back" "$PWD/faults" "$PWD/control" "$PWD/other" 2>said && fail 'a misspelt fault is taken'
grep -q 'not a fault: bda 1 2' said || fail "it says: $(cat said)"
shown 'the failing disk fails where it was told, and only there'
