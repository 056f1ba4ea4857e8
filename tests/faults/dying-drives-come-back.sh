# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# A drive that is dead after 40 % of its bytes: no other tool says so, athar does, and goes on when it is back.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport ddrescue
needs_confinement

mixed 67108864 >back
echo 'dies bytes 26843546' >faults
cp back filled

beside 'ddrescue -d' image 30 ddrescue -q -d -n DISK image image.map
beside 'dc3dd' image 30 dc3dd if=DISK of=image hash=md5 log=dc3dd.log
beside 'ewfacquire' image 30 ewfacquire -u -q -c none -f encase6 -S 1900MiB -t image DISK

for format in ewf raw; do
  for mode in '' --rescue; do
    exhibit=$format${mode#--}
    make_disk back faults
    acquire 4 "$exhibit" --format "$format" ${mode:+"$mode"}
    nothing_claimed "$exhibit"
    [ -e "$control/dead" ] || fail 'the disk did not die'
    at_most 'reads of a dead drive' 1000 "$(failed_reads)"
    died=$(failed_reads)
    # Still dead: it cannot go on, and what it has is not touched.
    acquire 4 "$exhibit" --format "$format" ${mode:+"$mode"} --resume
    nothing_claimed "$exhibit"
    rm "$control/dead"
    : >"$log"
    acquire 0 "$exhibit" --format "$format" ${mode:+"$mode"} --resume
    again=$(awk '{ n += $3 } END { print n }' "$log")
    # At most what was not finished, and what is read to know the drive again.
    at_most 'bytes read after it came back' $((67108864 - 26843546 + (16 << 20))) "$again"
    judge "$exhibit" back
    same 'bad_bytes' 0 "$(summary .bad_bytes)"
    at_least 'sessions in the record' 2 "$(jq '.sessions | length' "$case/$exhibit/acquisition.json")"
    shown "--format $format $mode: exit 4 after $died failing reads, then --resume: exit 0, right hash," \
      "$again bytes read"
    drop_disk
  done
done
must 'verify of the case' athar verify "$case" --quiet
