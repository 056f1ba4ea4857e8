#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh ATHAR [MIB]: acquire and verify beside ewfacquire and ewfverify on the same mixed image, in one
# run, as ratios. One third zeros, one third programs and text of this machine, one third random bytes, in
# stripes of 16 MiB. Sources are in the page cache, targets on the same file system.
set -euo pipefail
athar=$1
mib=${2:-2048}
rounds=${ATHAR_BENCH_ROUNDS:-3}
work=$(mktemp -d "${ATHAR_BENCH_DIR:-${TMPDIR:-/tmp}}/athar-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT

make_image() {
  local stripe=$((16 << 20)) count=$((mib / 16)) i third=0
  tar -cf - -C / usr/lib usr/bin usr/share 2>/dev/null | head -c $((stripe * (count / 3 + 1))) >"$work/usr" || true
  for ((i = 0; i < count; i++)); do
    case $((i % 3)) in
    0) head -c "$stripe" /dev/zero ;;
    1)
      dd if="$work/usr" bs="$stripe" skip="$third" count=1 status=none
      third=$((third + 1))
      ;;
    2) head -c "$stripe" /dev/urandom ;;
    esac
  done >"$work/mixed.img" 2>/dev/null
  rm -f "$work/usr"
}

# measure NAME COMMAND...: wall seconds and peak KiB of the best of the rounds, into wall[] and peak[].
declare -A wall peak
measure() {
  local name=$1 out
  shift
  out=$(/usr/bin/time -f '%e %M' -o "$work/time" "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    tail -n 1 "$work/time")
  local seconds=${out% *} kib=${out#* }
  if [ -z "${wall[$name]:-}" ] || awk "BEGIN{exit !($seconds < ${wall[$name]})}"; then wall[$name]=$seconds; fi
  if [ -z "${peak[$name]:-}" ] || [ "$kib" -gt "${peak[$name]}" ]; then peak[$name]=$kib; fi
}

ratio() { awk "BEGIN{printf \"%.3f\", ${wall[$1]} / ${wall[$2]}}"; }

one_round() {
  rm -rf "$work/case" "$work/ewf."*
  "$athar" case new "$work/case" --number bench --quiet
  measure ewfacquire ewfacquire -u -q -c fast -d sha1,sha256 -f encase6 -S 1900MiB -t "$work/ewf" "$work/mixed.img"
  measure acquire "$athar" acquire "$work/mixed.img" --case "$work/case" --exhibit 1 --format ewf \
    --compression fast --hash md5,sha1,sha256 --no-verify --quiet
  measure readback "$athar" acquire "$work/mixed.img" --case "$work/case" --exhibit 2 --format ewf \
    --compression fast --hash md5,sha1,sha256 --quiet
  measure ewfverify ewfverify -q -d sha1,sha256 "$work/ewf.E01"
  measure verify "$athar" verify "$work/ewf.E01" --hash md5,sha1,sha256 --quiet
  rm -rf "$work/case/2"
}

sparse() {
  truncate -s 64G "$work/sparse.img"
  measure sparse "$athar" acquire "$work/sparse.img" --case "$work/case" --exhibit 64 --hash sha256 --quiet
  rm -f "$work/sparse.img"
}

echo "mixed image of $mib MiB, best of $rounds rounds, $(nproc) processors"
make_image
cat "$work/mixed.img" >/dev/null
for ((round = 0; round < rounds; round++)); do one_round; done

# Correct first: the field's own tool accepts what was written, and finds the source's hash in it.
md5=$(md5sum <"$work/mixed.img" | cut -d' ' -f1)
first=$(ls "$work/case/1/"*.E01)
ewfverify -q "$first" >/dev/null && ewfinfo "$first" | grep -q "$md5" && echo "ewfverify accepts athar's E01; its MD5 is md5sum's"

printf '%-44s %8s %10s\n' 'what' 'wall s' 'peak MiB'
for name in ewfacquire acquire readback ewfverify verify; do
  printf '%-44s %8s %10s\n' "$name" "${wall[$name]}" $((peak[$name] / 1024))
done
printf 'acquire --no-verify / ewfacquire  %s (bound 0.25)\n' "$(ratio acquire ewfacquire)"
printf 'acquire with read-back / ewfacquire  %s\n' "$(ratio readback ewfacquire)"
printf 'verify / ewfverify  %s (bound 0.6)\n' "$(ratio verify ewfverify)"
if [ "${ATHAR_BENCH_SPARSE:-1}" = 1 ]; then
  sparse
  printf '64 GiB sparse source, read back: %s s, peak %d MiB (bound 256, and that of the mixed image: %d)\n' \
    "${wall[sparse]}" $((peak[sparse] / 1024)) $((peak[readback] / 1024))
fi
