# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# A target that fills up behind athar's back: it stops and can go on, or goes on elsewhere.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

# So slow that the target can be changed meanwhile.
bytes 67108864 >back
echo 'slow 0 131072 20' >faults
mkdir small
mount -t tmpfs -o size=600m none small || skip 'no tmpfs'
mounts+=("$PWD/small")
case=small/case

room_of() { mount -o "remount,size=$1" small; }
kept() { du -s --block-size=1 "$case/$1.partial" 2>/dev/null | cut -f1; }
keeps() { [[ $(kept "$1") -ge $2 ]]; }

# fill_up EXHIBIT: once so much of it is there, the target has no room left.
fill_up() {
  await keeps "$1" 12000000
  room_of "$(($(df --output=used -k small | tail -n 1) + 2048))k"
}

for format in ewf raw; do
  make_disk back faults
  fill_up "$format" &
  acquire 4 "$format" --format "$format" --segment-size 8MiB
  wait
  nothing_claimed "$format"
  grep -qi 'full\|No space left' err.txt || fail 'it does not say that the target is full'
  kept=$(kept "$format")
  # Without room it cannot go on, and loses nothing of what it has.
  acquire '4|5' "$format" --format "$format" --segment-size 8MiB --resume
  nothing_claimed "$format"
  room_of 600m
  acquire 0 "$format" --format "$format" --segment-size 8MiB --resume
  judge "$format" back
  shown "--format $format: target full after $kept bytes: exit 4; with room: --resume, exit 0"
  drop_disk

  # With a second place it goes on there; the set is whole when its files stand together.
  make_disk back faults
  mkdir "spill$format"
  fill_up "${format}spills" &
  acquire 0 "${format}spills" --format "$format" --segment-size 8MiB --spill "spill$format"
  wait
  at_least 'files in the second place' 1 "$(find "spill$format" -type f | wc -l)"
  mkdir -p together/"${format}spills"
  find "$PWD/$case/${format}spills" "$PWD/spill$format" -type f -exec ln -sf -t "together/${format}spills" {} +
  case=together
  judge "${format}spills" back
  case=small/case
  room_of 600m
  must 'verify of the case' athar verify "$case" --quiet
  shown "--format $format --spill: exit 0, $(find "spill$format" -type f | wc -l) files spilt"
  drop_disk
done
