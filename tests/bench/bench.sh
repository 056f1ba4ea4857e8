#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh ATHAR [MIB]: acquire and verify beside the field's tools on the same mixed image, in one run, as
# ratios. One third zeros, one third programs and text of this machine, one third random bytes, in stripes of
# 16 MiB. Sources are in the page cache, targets on the same file system. Correctness comes first: without
# it no number is printed. Wall seconds are the best of the rounds, CPU seconds (user and system) those of
# the same run; on a machine that others use too, trust the CPU seconds.
#
#   ATHAR_BENCH_ROUNDS  3
#   ATHAR_BENCH_DIR     where all of it goes; a tmpfs takes the disk out of the measurement
#   ATHAR_BENCH_SPARSE  GiB of the sparse source: 1 means 64; 1024 takes an hour; 0 leaves it out
#
# guymager has no command line; where it, Xvfb and xdotool are installed and the bench runs as root, it is
# driven like a hand would (guymager.sh).
set -euo pipefail
athar=$1
mib=${2:-2048}
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ATHAR_BENCH_ROUNDS:-3}
sparse_gib=${ATHAR_BENCH_SPARSE:-1}
[ "$sparse_gib" -ne 1 ] || sparse_gib=64
cores=$(nproc)
work=$(mktemp -d "${ATHAR_BENCH_DIR:-${TMPDIR:-/tmp}}/athar-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT
image=$work/mixed.img
# grep reads to the end: a writer that is cut off would count as a failure.
has() { "$athar" acquire --help | grep -e "--$1\b" >/dev/null; }

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
  done >"$image" 2>/dev/null
  rm -f "$work/usr"
}

# note NAME WALL CPU KIB: keeps it when it is the best of the rounds, and the highest peak.
declare -A wall cpu peak
names=()
note() {
  [ -n "${wall[$1]:-}" ] || names+=("$1")
  if [ -z "${wall[$1]:-}" ] || awk "BEGIN{exit !($2 < ${wall[$1]})}"; then
    wall[$1]=$2
    cpu[$1]=$3
  fi
  if [ -z "${peak[$1]:-}" ] || [ "$4" -gt "${peak[$1]}" ]; then peak[$1]=$4; fi
}

# measure NAME COMMAND...
measure() {
  local name=$1 seconds user system kib
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  read -r seconds user system kib < <(tail -n 1 "$work/time")
  note "$name" "$seconds" "$(awk "BEGIN{print $user + $system}")" "$kib"
}

# acquire NAME OPTION...: as exhibit NAME of the case.
acquire() {
  local name=$1
  shift
  rm -rf "${work:?}/case/$name"
  measure "$name" "$athar" acquire "$image" --case "$work/case" --exhibit "$name" --hash md5,sha1,sha256 \
    --quiet "$@"
}

wrong() {
  echo "WRONG: $*" >&2
  exit 1
}

# The field's own tools accept what was written, and find the source in it.
judge_ewf() {
  ewfverify -q "$1" >"$work/out" 2>&1 || wrong "ewfverify refuses $1: $(tail -n 1 "$work/out")"
  ewfinfo "$1" | grep "$md5" >/dev/null || wrong "the MD5 in $1 is not md5sum's"
}

judge() {
  local name
  for name in acquire readback none; do judge_ewf "$work/case/$name/$name.E01"; done
  cmp -s "$image" "$work/case/raw/raw.dd" || wrong 'the raw image is not the source'
  cmp -s "$image" "$work/dc3dd.img" || wrong 'the image of dc3dd is not the source'
  echo "ewfverify accepts athar's E01s, their MD5 is md5sum's; the raw image is the source, byte for byte"
}

one_round() {
  local hash
  rm -rf "$work/case" "$work/ewf."* "$work/copy" "$work/"{cp,dc3dd,ddrescue}.img
  "$athar" case new "$work/case" --number bench --quiet
  measure ewfacquire ewfacquire -u -q -c fast -d sha1,sha256 -f encase6 -S 1900MiB -t "$work/ewf" "$image"
  acquire acquire --format ewf --compression fast --no-verify
  acquire readback --format ewf --compression fast
  measure ewfverify ewfverify -q -d sha1,sha256 "$work/ewf.E01"
  measure verify "$athar" verify "$work/ewf.E01" --hash md5,sha1,sha256 --quiet
  if has copy; then
    mkdir "$work/copy"
    acquire copy --format ewf --compression fast --no-verify --copy "$work/copy"
    rm -rf "$work/copy" "${work:?}/case/copy"
  fi
  acquire none --format ewf --compression none --no-verify
  acquire raw --format raw --no-verify
  measure cp cp --reflink=never --sparse=never "$image" "$work/cp.img"
  rm -f "$work/cp.img"
  for hash in md5 sha1 sha256; do measure "openssl-$hash" openssl dgst "-$hash" "$image"; done
  measure ddrescue ddrescue -q "$image" "$work/ddrescue.img"
  rm -f "$work/ddrescue.img"
  measure dc3dd dc3dd "if=$image" "of=$work/dc3dd.img" hash=md5 hash=sha1 hash=sha256 "log=$work/dc3dd.log"
  [ "$round" -ne 0 ] || judge
}

guymager() {
  local seconds processor kib said
  mkdir "$work/guymager"
  if said=$(bash "$here/guymager.sh" "$image" "$work/guymager" 2>&1); then
    read -r seconds processor kib <<<"$said"
    judge_ewf "$work/guymager/gm.E01"
    note guymager "$seconds" "$processor" "$kib"
  else
    echo "guymager is left out: $said"
  fi
  rm -rf "$work/guymager"
}

# ratio WHAT UPPER LOWER BOUND: a line, both in seconds.
ratio() {
  awk -v what="$1" -v a="$2" -v b="$3" -v bound="${4:-}" 'BEGIN {
    r = a / b
    printf "%-58s %6.3f", what, r
    if (bound != "") printf "   bound %s   %s", bound, r <= bound + 0 ? "ok" : "OVER"
    printf "\n" }'
}

larger() { awk "BEGIN{print ($1 > $2 ? $1 : $2)}"; }

# A sparse source of N GiB, read back: memory does not grow with the source.
sparse() {
  truncate -s "$1G" "$work/sparse.img"
  rm -rf "$work/case/sparse$1"
  measure "sparse$1" "$athar" acquire "$work/sparse.img" --case "$work/case" --exhibit "sparse$1" --hash sha1 --quiet
  rm -rf "$work/sparse.img" "$work/case/sparse$1"
}

echo "mixed image of $mib MiB, best of $rounds rounds, $cores processors, load $(cut -d' ' -f1 /proc/loadavg)"
make_image
md5=$(md5sum <"$image" | cut -d' ' -f1)
for ((round = 0; round < rounds; round++)); do one_round; done
guymager

slowest=md5
for hash in sha1 sha256; do
  ! awk "BEGIN{exit !(${wall[openssl-$hash]} > ${wall[openssl-$slowest]})}" || slowest=$hash
done
hash_wall=${wall[openssl-$slowest]}
spread=$(awk "BEGIN{printf \"%.2f\", ${cpu[acquire]} / $cores}")
floor=$(larger "$hash_wall" "$spread")
copied=$(awk "BEGIN{print ${wall[cp]} + $hash_wall}")

printf '\n%-20s %8s %8s %10s\n' 'what' 'wall s' 'CPU s' 'peak MiB'
for name in "${names[@]}"; do
  printf '%-20s %8s %8s %10s\n' "$name" "${wall[$name]}" "${cpu[$name]}" $((peak[$name] / 1024))
done
echo
echo "floor: the larger of $slowest alone ($hash_wall s) and acquire's CPU seconds over $cores cores ($spread s)"
ratio 'acquire fast, 3 hashes / ewfacquire (goal 0.18)' "${wall[acquire]}" "${wall[ewfacquire]}" 0.20
ratio '  the same in CPU seconds' "${cpu[acquire]}" "${cpu[ewfacquire]}"
ratio 'acquire with read-back / ewfacquire' "${wall[readback]}" "${wall[ewfacquire]}" 0.28
ratio 'acquire / floor' "${wall[acquire]}" "$floor" 1.25
ratio 'verify, 3 hashes / ewfverify' "${wall[verify]}" "${wall[ewfverify]}" 0.57
ratio '  the same in CPU seconds' "${cpu[verify]}" "${cpu[ewfverify]}"
if [ -n "${wall[copy]:-}" ]; then
  ratio 'acquire with --copy / acquire' "${wall[copy]}" "${wall[acquire]}" 1.10
else
  echo 'acquire with --copy: there is no such option'
fi
ratio "acquire --compression none / cp and $slowest" "${wall[none]}" "$copied" 1.3
ratio "acquire --format raw / cp and $slowest" "${wall[raw]}" "$copied" 1.3
ratio 'acquire --format raw / dc3dd, 3 hashes' "${wall[raw]}" "${wall[dc3dd]}"
ratio 'acquire --format raw / ddrescue, no hash' "${wall[raw]}" "${wall[ddrescue]}"
[ -z "${wall[guymager]:-}" ] || ratio 'acquire / guymager, fast, 3 hashes' "${wall[acquire]}" "${wall[guymager]}"

if [ "$sparse_gib" -ne 0 ]; then
  sparse 1
  sparse "$sparse_gib"
  large=sparse$sparse_gib
  printf 'sparse source, read back: 1 GiB %s s, peak %d MiB; %d GiB %s s, peak %d MiB (bound 256)\n' \
    "${wall[sparse1]}" $((peak[sparse1] / 1024)) "$sparse_gib" "${wall[$large]}" $((peak[$large] / 1024))
fi
