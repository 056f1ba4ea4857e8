#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# undelete.sh ATHAR [IMAGE]: carve --method metadata beside tsk_recover on the same file systems, in one run,
# as ratios: an NTFS volume of 4 GiB with 100,000 files, and a FAT32 volume of 1 GiB with 20,000, half of each
# deleted; or IMAGE alone, without a partition table. Correctness first: how many of tsk_recover's files athar has
# bit for bit. athar hashes what it recovers (MD5, SHA-256) and checks formats; so the time of hashdeep over
# tsk_recover's files is told too.
#
# Images are in the page cache. Nothing is removed before the end: ext4 passes over inodes that were freed in
# the last minutes, and looking for others then takes most of the time of whoever comes next. Wall seconds are
# the best of the rounds, CPU seconds those of the same run; memory is the sum of the peaks of athar and its
# workers.
#
#   ATHAR_BENCH_ROUNDS  3
#   ATHAR_BENCH_DIR     where all of it goes; a tmpfs takes the disk out of the measurement
#   ATHAR_BENCH_FILES   100000, of the NTFS volume; the FAT32 volume has a fifth
set -euo pipefail
athar=$1
given=${2:-}
rounds=${ATHAR_BENCH_ROUNDS:-3}
files=${ATHAR_BENCH_FILES:-100000}
work=$(mktemp -d "${ATHAR_BENCH_DIR:-${TMPDIR:-/tmp}}/athar-undelete-XXXXXX")
finish() {
  mountpoint -q "$work/mnt" && umount "$work/mnt"
  rm -rf "$work"
}
trap finish EXIT

# fill FOLDER COUNT: 200 files to a folder, of six sizes, no two alike.
fill() {
  perl -e 'my ($to, $count) = @ARGV; my @size = (100, 2000, 9000, 20000, 40000, 60000); my $noise = "";
    srand 1; $noise .= pack("L", int rand 2**32) for 1 .. 1 << 18;
    for my $n (0 .. $count - 1) {
      my $folder = sprintf "%s/dir%03d", $to, $n / 200;
      mkdir $folder or die "$folder: $!" if $n % 200 == 0;
      open my $f, ">", sprintf "%s/file%03d.dat", $folder, $n % 200 or die "$folder: $!";
      print $f pack("Q", $n), substr $noise, int rand((1 << 20) - 60000), $size[rand 6];
      close $f or die "$folder: $!"; }' "$1" "$2"
}

make_ntfs() {
  truncate -s 4G "$work/ntfs.img"
  mkntfs -q -F -Q "$work/ntfs.img" >"$work/out" 2>&1
  mkdir -p "$work/mnt"
  ntfs-3g "$work/ntfs.img" "$work/mnt" || return 1
  fill "$work/mnt" "$files"
  umount "$work/mnt"
  ntfs-3g "$work/ntfs.img" "$work/mnt"
  rm -r "$work/mnt"/dir*[02468]
  umount "$work/mnt"
}

make_fat() {
  mkdir "$work/source"
  fill "$work/source" $((files / 5))
  truncate -s 1G "$work/fat.img"
  mkfs.vfat -F 32 "$work/fat.img" >"$work/out"
  mcopy -i "$work/fat.img" -s "$work/source"/* ::
  (cd "$work/source" && printf '::%s\0' dir*[02468]) | xargs -0 mdeltree -i "$work/fat.img"
  rm -r "$work/source"
}

# peaks PID: KiB, the peaks of a process and its children together, as long as it lives.
peaks() {
  local most=0 sum
  while kill -0 "$1" 2>/dev/null; do
    sum=$({ echo "$1"; pgrep -P "$1"; } | sed 's|.*|/proc/&/status|' | xargs cat 2>/dev/null |
      awk '/^VmHWM/ { sum += $2 } END { print sum + 0 }') || true
    [ "$sum" -le "$most" ] || most=$sum
    echo "$most" >"$work/peak"
    sleep 0.2
  done
}

# note NAME WALL CPU: keeps it when it is the best of the rounds.
declare -A wall cpu
note() {
  if [ -z "${wall[$1]:-}" ] || awk "BEGIN{exit !($2 < ${wall[$1]})}"; then
    wall[$1]=$2
    cpu[$1]=$3
  fi
}

# measure NAME COMMAND...
measure() {
  local name=$1 seconds user system
  shift
  /usr/bin/time -f '%e %U %S' -o "$work/time" "$@" >"$work/out" 2>"$work/said" ||
    { cat "$work/said" >&2; exit 1; }
  read -r seconds user system < <(tail -n 1 "$work/time")
  note "$name" "$seconds" "$(awk "BEGIN{print $user + $system}")"
}

# The peaks are taken in a run of their own: looking costs time.
measure_memory() {
  "$athar" carve "$1" --case "$work/case" --exhibit memory --method metadata --quiet &
  local pid=$!
  peaks "$pid" &
  wait "$pid"
  wait
}

judge() {
  local out=$1 case=$2
  find "$out" -type f -exec sha256sum {} + | cut -c1-64 | sort >"$work/theirs"
  cut -c1-64 "$case"/carve-001/manifest.sha256 | sort -u >"$work/ours"
  printf '%s: tsk_recover has %d files; athar has %d of these bit for bit, and lists %d items\n' "$3" \
    "$(wc -l <"$work/theirs")" "$(join "$work/theirs" "$work/ours" | wc -l)" \
    "$(wc -l <"$case/carve-001/items.jsonl")"
}

# ratio WHAT UPPER LOWER
ratio() { awk -v what="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%-58s %6.3f\n", what, a / b }'; }

# compare NAME FSTYPE IMAGE
compare() {
  local round both
  wall=() cpu=()
  cat "$3" >/dev/null
  for ((round = 0; round < rounds; round++)); do
    measure athar "$athar" carve "$3" --case "$work/case" --exhibit "$1-$round" --method metadata --quiet
    measure tsk_recover tsk_recover -f "$2" "$3" "$work/out-$1-$round"
    measure hashdeep hashdeep -c md5,sha256 -r "$work/out-$1-$round"
    [ "$round" -ne 0 ] || judge "$work/out-$1-0" "$work/case/$1-0" "$1"
  done
  measure_memory "$3"
  rm -rf "$work/case/memory"
  printf '\n%-20s %8s %8s\n' 'what' 'wall s' 'CPU s'
  for both in athar tsk_recover hashdeep; do printf '%-20s %8s %8s\n' "$both" "${wall[$both]}" "${cpu[$both]}"; done
  both=$(awk "BEGIN{print ${wall[tsk_recover]} + ${wall[hashdeep]}}")
  ratio "$1: carve --method metadata / tsk_recover" "${wall[athar]}" "${wall[tsk_recover]}"
  ratio '  the same in CPU seconds' "${cpu[athar]}" "${cpu[tsk_recover]}"
  ratio "$1: carve --method metadata / tsk_recover and hashdeep" "${wall[athar]}" "$both"
  ratio '  the same in CPU seconds' "${cpu[athar]}" "$(awk "BEGIN{print ${cpu[tsk_recover]} + ${cpu[hashdeep]}}")"
  printf '%s: peak of athar and its workers %d MiB (bound 512)\n\n' "$1" $(($(cat "$work/peak") / 1024))
}

echo "deleted files, best of $rounds rounds, $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
"$athar" case new "$work/case" --number bench --quiet
if [ -n "$given" ]; then
  compare image "$(fsstat -t "$given")" "$given"
  exit
fi
if make_ntfs; then
  compare ntfs ntfs "$work/ntfs.img"
else
  echo 'NTFS is left out: it cannot be mounted here'
fi
make_fat
compare fat32 fat32 "$work/fat.img"
