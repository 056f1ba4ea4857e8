# SPDX-License-Identifier: BSD-2-Clause
# What the tests of failing disks share; run.sh reads it before each of them. A test stands in a folder of
# its own, stops at the first thing that is not as it must be, and leaves no mount and no loop device behind.
# shellcheck shell=bash disable=SC2034

loops=() mounts=()
case=case

fail() {
  printf 'FAILED: %s\n' "$*"
  [ ! -s err.txt ] || { echo '---- what athar said'; tail -n 20 err.txt; }
  [ ! -s out.json ] || { echo '---- its last line'; tail -n 1 out.json; }
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# must WHAT COMMAND...: the command succeeds.
must() {
  local what=$1
  shift
  "$@" || fail "$what: $*"
}

# same WHAT WANTED GOT
same() {
  [ "$2" = "$3" ] || fail "$1: $3, not $2"
}

# at_most WHAT BOUND GOT, at_least WHAT BOUND GOT: whole numbers.
at_most() {
  [[ -n $3 && $3 -le $2 ]] || fail "$1: $3, at most $2"
}

at_least() {
  [[ -n $3 && $3 -ge $2 ]] || fail "$1: $3, at least $2"
}

# await COMMAND...: until it succeeds, a minute at most.
await() {
  local try
  for ((try = 0; try < 1200; try++)); do
    "$@" && return
    sleep 0.05
  done
  fail "in vain waited for: $*"
}

needs() {
  local program
  for program; do
    command -v "$program" >/dev/null || skip "no $program"
  done
}

needs_root() {
  [ "$(id -u)" -eq 0 ] || skip "only root can mount"
}

needs_fuse() {
  needs_root
  [ -c /dev/fuse ] || skip "no /dev/fuse"
  needs "$1" fusermount3
}

# The failing disk: FUSE below a loop device.
needs_disk() {
  needs_fuse failing_disk
  needs losetup
  [ -c /dev/loop-control ] || skip "no loop devices"
}

# Skips where the kernel cannot confine a process: the commands refuse there.
needs_confinement() {
  head -c 512 /dev/zero >probe.img
  athar info probe.img >/dev/null 2>&1
  [ $? -ne 5 ] || skip "no Landlock or seccomp here"
  rm -f probe.img
}

# A loop device may not be there at once; another test may take the one just found.
attach() {
  local try
  for try in 1 2 3 4 5; do
    disk=$(losetup -r --direct-io=on --sector-size "$2" -f --show "$1" 2>losetup.txt) && return 0
    sleep "0.$try"
  done
  skip "no loop device: $(cat losetup.txt)"
}

# make_disk BACKING FAULTS [SECTOR]: $disk is a block device that holds BACKING and fails as the file FAULTS
# says (failing_disk.c); $control is the folder of its state, $log the list of its reads since now.
made=0
make_disk() {
  made=$((made + 1))
  control=$PWD/disk$made.control log=$control/log
  mkdir "$control" "disk$made"
  must 'a failing disk' failing_disk "$PWD/$1" "$PWD/$2" "$control" "$PWD/disk$made"
  mounts+=("$PWD/disk$made")
  attach "disk$made/disk" "${3:-512}"
  loops+=("$disk")
  # What udev and the partition scan read is not ours.
  command -v udevadm >/dev/null && udevadm settle 2>/dev/null
  : >"$log"
}

# Takes away what make_disk made last.
drop_disk() {
  losetup -d "${loops[-1]}"
  unset 'loops[-1]'
  unmount "${mounts[-1]}"
  unset 'mounts[-1]'
}

# A loop device lets go of its file a moment after it was told to.
unmount() {
  local try
  for try in 1 2 3 4 5 6 7 8; do
    umount "$1" 2>/dev/null && return
    sleep "0.$try"
  done
  umount -l "$1" 2>/dev/null
}

cleanup() {
  local i
  # A reader that hangs in a dead disk must get its answer.
  for i in "${loops[@]}"; do losetup -d "$i" 2>/dev/null; done
  for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do unmount "${mounts[i]}"; done
}
trap cleanup EXIT

# make_target: ./target is a folder whose power can fail (losing_disk.c); $durable is what survives, $changes
# the list of changes, $cut the file that says when.
make_target() {
  made=$((made + 1))
  mkdir "target.$made" target
  must 'a losing disk' losing_disk "$PWD/target.$made" "$PWD/target"
  mounts+=("$PWD/target")
  durable=$PWD/target.$made/durable changes=$PWD/target.$made/log cut=$PWD/target.$made/cut
}

drop_target() {
  unmount "${mounts[-1]}"
  unset 'mounts[-1]'
  rmdir target
}

# bytes N [SEED]: N bytes without a zero sector that are the same on every machine.
bytes() {
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv "${2:-0}" -nosalt \
    </dev/zero 2>/dev/null | head -c "$1"
}

# mixed N: N bytes, half of them text that packs, half that does not, in turns of a MiB.
mixed() {
  local mib
  for ((mib = 0; mib < $1 >> 20; mib += 2)); do
    yes "the quick brown fox jumps over lazy dog $mib" | head -c 1048576
    bytes 1048576 "$mib"
  done | head -c "$1"
}

reads() { wc -l <"$log"; }
failed_reads() { grep -cv ' ok$' "$log"; }
md5_of() { md5sum <"$1" | cut -d' ' -f1; }
reads_are() { [ "$(reads)" -ge "$1" ]; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }

# bad_sectors FAULTS: START COUNT of what can never be read.
bad_sectors() {
  awk '$1 == "bad" || $1 == "slowbad" { print $2, $3 }' "$1"
}

# fill_bad FAULTS [SECTOR] <BACKING >FILLED: what an image of the disk must be: zeros where it is bad.
fill_bad() {
  local sector=${2:-512} start count
  cat >filled.tmp
  while read -r start count; do
    dd if=/dev/zero of=filled.tmp bs="$sector" seek="$start" count="$count" conv=notrunc status=none
  done < <(bad_sectors "$1")
  cat filled.tmp
  rm -f filled.tmp
}

# lost_sectors FILLED IMAGE: sectors of 512 bytes that differ; what the image lacks at its end is zeros.
lost_sectors() {
  { cmp -l "$1" <(cat "$2" /dev/zero | head -c "$(stat -Lc %s "$1")") || true; } |
    awk '{ n = int(($1 - 1) / 512); if (n != last || !lost) lost++; last = n } END { print lost + 0 }'
}

# export_ewf FIRST RAW: the media data of an E01. ewfexport's standard output also has its banner.
export_ewf() {
  rm -f "$2" exported.raw exported.raw.info
  ewfexport -u -q -f raw -t exported "$1" >ewfexport.txt 2>&1 || return 1
  mv exported.raw "$2"
}

# acquire STATUS EXHIBIT OPTION...: $source (else $disk) into ./case; its exit status is one of STATUS
# ("3" or "3|4"). Its summary is in summary.json, what it said in err.txt, milliseconds in $took.
acquire() {
  local wanted=$1 exhibit=$2 status begin
  shift 2
  begin=$(now_ms)
  timeout -k 5 "${patience:-120}" athar acquire "${source:-$disk}" --case "$case" --exhibit "$exhibit" \
    --yes --json "$@" >out.json 2>err.txt
  status=$?
  took=$(($(now_ms) - begin))
  tail -n 1 out.json >summary.json
  [[ "|$wanted|" == *"|$status|"* ]] || fail "acquire exits with $status, not $wanted: $*"
  # The last line and the status never disagree.
  same 'exit in the summary' "$status" "$(summary .exit)"
  same 'the last line' summary "$(summary .type)"
}

summary() { jq -r "$1" summary.json; }

# Nothing that can be taken for an exhibit stands under the final name, and nothing is claimed.
nothing_claimed() {
  local exhibit=$1
  [ ! -e "$case/$exhibit" ] || fail "$case/$exhibit stands"
  [ -d "$case/$exhibit.partial" ] || fail "there is no $case/$exhibit.partial to go on from"
  same 'hashes in the summary' null "$(summary '.hashes')"
  same 'image in the summary' null "$(summary '.image')"
}

# image EXHIBIT: the media data of an exhibit, as image.raw.
image() {
  rm -f image.raw
  if [ -e "$case/$1/$1.E01" ]; then
    export_ewf "$case/$1/$1.E01" image.raw || fail "ewfexport: $(cat ewfexport.txt)"
  elif [ -e "$case/$1/$1.dd" ]; then
    ln -s "$case/$1/$1.dd" image.raw
  else
    cat "$case/$1/$1".[0-9][0-9][0-9] >image.raw
  fi
}

# judge EXHIBIT FILLED: the field's tools and athar's own verify accept the exhibit; its bytes are FILLED's.
judge() {
  local exhibit=$1 filled=$2 md5
  md5=$(md5_of "$filled")
  image "$exhibit"
  same "size of the image of $exhibit" "$(stat -Lc %s "$filled")" "$(stat -Lc %s image.raw)"
  same "readable sectors lost in $exhibit" 0 "$(lost_sectors "$filled" image.raw)"
  same 'MD5 on record' "$md5" "$(jq -r .hashes.md5 "$case/$exhibit/acquisition.json")"
  if [ -e "$case/$exhibit/$exhibit.E01" ]; then
    ewfverify -q "$case/$exhibit/$exhibit.E01" >ewfverify.txt 2>&1 || fail "ewfverify: $(cat ewfverify.txt)"
    grep -q "$md5" <(ewfinfo "$case/$exhibit/$exhibit.E01") || fail "$md5 is not the MD5 inside the E01"
  fi
  block_hashes "$exhibit" "$filled"
  rm -f image.raw
}

# The block hashes are those of the filled stream, by sha256sum.
block_hashes() {
  local hash at got
  while read -r hash at; do
    got=$(dd if="$2" bs=1M skip=$((at / 1048576)) count=1 status=none | sha256sum | cut -d' ' -f1)
    [ "$hash" = "$got" ] || fail "block hash at byte $at of $1"
  done < <(grep -v '^#' "$case/$1/$1.sha256" | awk 'NR % 7 == 1')
}

# map_total MAP STATE...: bytes in these states of a ddrescue map.
map_total() {
  local map=$1 sum=0 first=1 offset length state
  shift
  while read -r offset length state; do
    [[ $offset != \#* ]] || continue
    # The first line is where its writer was.
    if [ "$first" = 1 ]; then
      first=0
      continue
    fi
    [[ " $* " == *" $state "* ]] && sum=$((sum + length))
  done <"$map"
  echo "$sum"
}

# A number that a test measured.
shown() { printf 'shown:  %s\n' "$*"; }

# beside NAME IMAGE SECONDS COMMAND...: what another tool makes of the same disk, new, in so many seconds;
# DISK in the command is its device. Printed and not judged; leaves its reads in $beside_reads.
beside() {
  local name=$1 image=$2 seconds=$3 status begin
  shift 3
  command -v "$1" >/dev/null || return 0
  make_disk back faults
  begin=$(now_ms)
  {
    timeout -s INT -k 3 "$seconds" "${@/DISK/$disk}" >beside.txt 2>&1
    status=$?
  } 2>/dev/null
  took=$(($(now_ms) - begin))
  beside_reads=$(reads) beside_good=$(good_bytes)
  [ ! -e "$image.E01" ] || export_ewf "$image.E01" "$image"
  [ -e "$image" ] || : >"$image"
  printf 'beside: %s: exit %s, image of %s bytes, %s readable sectors lost; %s reads, %s good bytes, %s ms\n' \
    "$name" "$status" "$(stat -c %s "$image")" "$(lost_sectors filled "$image")" "$beside_reads" \
    "$beside_good" "$took"
  drop_disk
  rm -f "$image" "$image".E*
}

# Bytes of the disk that were read well at least once since $log was emptied.
good_bytes() {
  awk '$4 == "ok" { for (i = $2 / 512; i < ($2 + $3) / 512; i++) seen[int(i)] }
    END { print length(seen) * 512 }' "$log"
}
