# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# 64 MiB, 13 ranges, 4,207 bad sectors, the last one among them, and one that is good at the fourth try.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport ddrescue
needs_confinement

bytes 67108864 >back
cat >faults <<'TEXT'
bad 1000 1
bad 2049 3
bad 5000 8
bad 8191 2
bad 12345 17
bad 20000 64
bad 30001 127
bad 40000 512
bad 50000 1024
bad 65535 2
bad 70007 399
bad 90000 2047
bad 131071 1
flaky 110000 1 3
TEXT
bad_bytes=$((4207 * 512))
same 'bad sectors' 4207 "$(bad_sectors faults | awk '{ n += $2 } END { print n }')"
fill_bad faults <back >filled
bad_sectors faults | awk '{ print $1 * 512, $2 * 512 }' >truth

beside 'ddrescue -d -r3' image 120 ddrescue -q -d -r3 DISK image image.map
bound=$beside_reads
beside 'ddrescue -d' image 120 ddrescue -q -d DISK image image.map2
beside 'ddrescue' image 120 ddrescue -q DISK image image.map3
beside 'dc3dd' image 30 dc3dd if=DISK of=image hash=md5 hash=sha1 hash=sha256 log=dc3dd.log
beside 'ewfacquire' image 30 ewfacquire -u -q -c none -d sha1,sha256 -f encase6 -S 1900MiB -t image DISK

# All that tells of the bad ranges tells of the same ones.
lists_agree() {
  jq -r '.bad[] | "\(.offset) \(.length)"' "$case/$1/acquisition.json" | diff truth - || fail "acquisition.json of $1"
  # shellcheck disable=SC2016
  while read -r offset length state; do
    [ "$state" = - ] && echo "$((offset)) $((length))"
  done < <(grep -v '^#' "$case/$1/$1.map") | diff truth - || fail "the map of $1"
  same 'bytes in its map' $((67108864 - bad_bytes)) "$(map_total "$case/$1/$1.map" +)"
  same 'bad_bytes in acquisition.json' $bad_bytes "$(jq .bad_bytes "$case/$1/acquisition.json")"
  same 'bad_bytes in the log' $bad_bytes \
    "$(tail -n 1 "$case/custody.jsonl" | jq -r 'select(.action == "acquire.end") | .data.bad_bytes')"
  [ -e "$case/$1/$1.E01" ] || return 0
  ewfinfo "$case/$1/$1.E01" | sed -n 's/.*at sector(s): \([0-9]*\) - [0-9]* number: \([0-9]*\).*/\1 \2/p' |
    awk '{ print $1 * 512, $2 * 512 }' | diff truth - || fail "the error table of $1"
}

for format in ewf raw; do
  for mode in '' --rescue --reverse; do
    exhibit=$format${mode#--}
    make_disk back faults
    acquire 3 "$exhibit" --format "$format" ${mode:+"$mode"}
    count=$(reads)
    drop_disk
    same 'bad_bytes in the summary' $bad_bytes "$(summary .bad_bytes)"
    same 'size in the summary' 67108864 "$(summary .size)"
    same 'read-back' same "$(summary .read_back)"
    judge "$exhibit" filled
    lists_agree "$exhibit"
    at_most "reads, $exhibit" "$bound" "$count"
    shown "athar acquire --format $format $mode: exit 3, 0 readable sectors lost, image full size," \
      "$count reads (ddrescue -d -r3: $bound), $took ms"
  done
done
must 'verify of the case' athar verify "$case" --quiet
