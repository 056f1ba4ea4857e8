# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# 64 MiB, 2,048 bad sectors in one place, each failing read takes 50 ms: what is good comes first.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport ddrescue
needs_confinement

bytes 67108864 >back
echo 'slowbad 60000 2048 50' >faults
fill_bad faults <back >filled
goal=$((67108864 * 98 / 100))

beside 'ddrescue -d -n, 3 s' image 3 ddrescue -q -d -n DISK image image.map
beside 'dc3dd, 3 s' image 3 dc3dd if=DISK of=image hash=md5 log=dc3dd.log
beside 'ewfacquire, 3 s' image 3 ewfacquire -u -q -c none -f encase6 -S 1900MiB -t image DISK

for format in ewf raw; do
  make_disk back faults
  acquire 4 "$format" --format "$format" --rescue --stop-after 3
  good=$(good_bytes) failures=$(failed_reads)
  at_most 'milliseconds until it stopped' 6000 "$took"
  nothing_claimed "$format"
  map=$case/$format.partial/$format.map
  finished=$(map_total "$map" +)
  at_least 'bytes finished in the map' "$goal" "$finished"
  # The map claims no byte that was not read.
  at_most 'bytes finished in the map' "$good" "$finished"
  must 'the map is one for ddrescue' ddrescuelog -q -t "$map" >/dev/null
  shown "--format $format --stop-after 3: exit 4, $((finished * 1000 / 67108864))/1000 of the disk" \
    "with $failures failing reads, $took ms"
  drop_disk
  # The same disk when it has cooled down: nothing that was read is read again, all is there.
  : >healthy
  make_disk back healthy
  acquire 0 "$format" --format "$format" --rescue --resume
  at_most 'bytes read again' $((67108864 - finished + (8 << 20))) "$(awk '{ n += $3 } END { print n }' "$log")"
  judge "$format" back
  drop_disk
done
