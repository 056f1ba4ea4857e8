# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# A disk with sectors of 4,096 bytes: they fail whole, and the E01 counts in them.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport ddrescue
needs_confinement

bytes 16777216 >back
printf '%s\n' 'sector 4096' 'bad 100 1' 'bad 1000 33' 'bad 4095 1' 'flaky 2000 1 3' >faults
fill_bad faults 4096 <back >filled

make_disk back faults 4096
ddrescue -q -d -r3 -b 4096 "$disk" image image.map
bound=$(reads)
same 'readable sectors that ddrescue loses' 0 "$(lost_sectors filled image)"
drop_disk

for format in ewf raw; do
  for mode in '' --rescue; do
    exhibit=$format${mode#--}
    make_disk back faults 4096
    acquire 3 "$exhibit" --format "$format" ${mode:+"$mode"}
    count=$(reads)
    drop_disk
    same 'bad_bytes' $((35 * 4096)) "$(summary .bad_bytes)"
    same 'sector_size in the record' 4096 "$(jq .source.sector_size "$case/$exhibit/acquisition.json")"
    judge "$exhibit" filled
    same 'bad bytes in the map' $((35 * 4096)) "$(map_total "$case/$exhibit/$exhibit.map" -)"
    at_most 'reads' "$bound" "$count"
    [ "$format" = raw ] || [ "$(ewfinfo "$case/$exhibit/$exhibit.E01" | grep -c 'Bytes per sector:.*4096')" = 1 ] ||
      fail 'bytes per sector of the E01'
    shown "4,096-byte sectors, --format $format $mode: exit 3, 0 readable bytes lost, $count reads" \
      "(ddrescue -d -r3: $bound)"
  done
done
