# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# One sector that answers after ten seconds.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

bytes 16777216 >back
echo 'slow 20000 1 10000' >faults
echo 'bad 20000 1' >given_up
fill_bad given_up <back >filled

for format in ewf raw; do
  for mode in '' --rescue; do
    exhibit=$format${mode#--}
    make_disk back faults
    acquire 3 "$exhibit" --format "$format" ${mode:+"$mode"} --timeout 1 --retries 1
    # Each try costs a second, and the kernel lets go of a process only when its last read is answered.
    at_most 'milliseconds' 25000 "$took"
    same 'bad_bytes' 512 "$(summary .bad_bytes)"
    judge "$exhibit" filled
    shown "--format $format $mode --timeout 1: exit 3, 512 bytes given up, $took ms"
    drop_disk
  done
done

# Without a time-out a slow sector is a good one.
echo 'slow 20000 1 1500' >faults
make_disk back faults
acquire 0 patient
judge patient back
