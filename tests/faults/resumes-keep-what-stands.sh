# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# What an earlier run left is neither lost nor called otherwise than it is, whoever ended that run.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

mib=$((1 << 20))
mixed $((64 * mib)) >back
: >healthy

# end_at SIGNAL BYTES EXHIBIT OPTION...: acquires $disk, and ends that when so many bytes were read.
end_at() {
  local signal=$1 bytes=$2 exhibit=$3 pid status
  shift 3
  athar acquire "$disk" --case "$case" --exhibit "$exhibit" --yes --quiet "$@" >out.txt 2>err.txt &
  pid=$!
  await was_read "$bytes"
  kill -s "$signal" "$pid"
  { wait "$pid"; } 2>/dev/null
  status=$?
  [[ $status -eq 130 || $status -eq 137 ]] || fail "exit $status, not interrupted: $*"
  [ -d "$case/$exhibit.partial" ] || fail "no $exhibit.partial"
}
was_read() { [ "$(awk -v n="$1" '$2 + $3 >= n' "$log" | wc -l)" -gt 0 ]; }
bytes_read() { awk '{ n += $3 } END { print n + 0 }' "$log"; }
record() { jq -c "$1" "$case/$exhibit/acquisition.json"; }

# ---- the map of a healthy medium ----
echo 'slow 65536 8 3000' >slow
for format in raw ewf; do
  exhibit=$format
  make_disk back slow
  end_at INT $((32 * mib)) "$exhibit" --format "$format"
  drop_disk
  make_disk back healthy
  acquire 0 "$exhibit" --format "$format" --resume
  judge "$exhibit" back
  same 'bytes that the map calls finished' $((64 * mib)) "$(map_total "$case/$exhibit/$exhibit.map" +)"
  drop_disk
done
shown 'the map of a healthy medium that was gone on with is that of the whole'

# ---- killed while the image was made of what was rescued ----
# The state says so, and of the list of hashes the last lines were not on the disk.
printf 'bad 40960 2\nslow 81920 8 3000\n' >faults
fill_bad faults <back >filled
for format in raw ewf; do
  exhibit=sealed-$format
  make_disk back faults
  end_at INT $((40 * mib)) "$exhibit" --format "$format"
  drop_disk
  same 'the state' true "$(jq .rescue "$case/$exhibit.partial/acquiring.json")"
  sed -i 's/"sealing": false/"sealing": true/' "$case/$exhibit.partial/acquiring.json"
  sed -i '6,$d' "$case/$exhibit.partial/$exhibit.sha256"
  grep 'bad' faults >faults.later
  make_disk back faults.later
  acquire 3 "$exhibit" --format "$format" --resume
  judge "$exhibit" filled
  same 'bad_bytes' 1024 "$(record .bad_bytes)"
  same 'unread_bytes' 0 "$(record .unread_bytes)"
  drop_disk
done
shown 'what was good and lost with the end of the list is read again, not called unread'

# ---- no map, no exhibit ----
exhibit=mapless
make_disk back faults
end_at INT $((40 * mib)) "$exhibit" --format raw
drop_disk
make_disk back faults.later
sed -i 's/"sealing": false/"sealing": true/' "$case/$exhibit.partial/acquiring.json"
rm "$case/$exhibit.partial/$exhibit.map"
acquire 5 "$exhibit" --format raw --resume
nothing_claimed "$exhibit"
drop_disk

# ---- between the last steps ----
exhibit=last
make_disk back healthy
acquire 0 "$exhibit" --format raw
mv "$case/last" "$case/last.partial"
find "$case/last.partial" -type f -exec sha256sum {} + | sort >before
acquire '4|5' "$exhibit" --format raw --resume
find "$case/last.partial" -type f -exec sha256sum {} + | sort >after
must 'what nobody can go on with is not touched' cmp before after
drop_disk

# ---- options that are given later ----
exhibit=later
make_disk back slow
end_at INT $((32 * mib)) "$exhibit" --format raw
drop_disk
stood=$(jq '.sessions[-1].to' "$case/$exhibit.partial/acquiring.json")
at_least 'what stands' $((30 * mib)) "$stood"
make_disk back healthy
acquire 3 "$exhibit" --format raw --resume --as-is
{
  head -c "$stood" back
  head -c $((64 * mib - stood)) /dev/zero
} >as-is
judge "$exhibit" as-is
same 'unread_bytes' $((64 * mib - stood)) "$(record .unread_bytes)"
same 'finished' "$stood" "$(map_total "$case/$exhibit/$exhibit.map" +)"
drop_disk

# Whether what was rescued is in the image or beside it does not change.
exhibit=worth
make_disk back faults
end_at INT $((40 * mib)) "$exhibit" --format raw --segment-size 16MiB
drop_disk
make_disk back faults.later
acquire 2 "$exhibit" --format raw --segment-size 16MiB --first metadata --resume
acquire 3 "$exhibit" --format raw --segment-size 16MiB --resume
judge "$exhibit" filled
drop_disk

# ---- the second image ----
# second_too EXHIBIT: the second image has the same media data and block hashes.
second_too() {
  must 'the block hashes of both' cmp "$case/$1/$1.sha256" "copy/$1/$1.sha256"
  case=copy image "$1"
  must 'the media data of the second image' cmp back image.raw
  rm -f image.raw
}

mkdir copy
for format in raw ewf; do
  exhibit=copied-$format
  make_disk back slow
  end_at INT $((32 * mib)) "$exhibit" --format "$format" --copy copy
  drop_disk
  # Its disk was changed for an empty one; then the same of the first image.
  rm -rf "copy/$exhibit.partial"
  make_disk back healthy
  acquire 0 "$exhibit" --format "$format" --copy copy --resume
  at_most 'bytes read of what stood' $((32 * mib + 6 * mib)) "$(bytes_read)"
  judge "$exhibit" back
  second_too "$exhibit"
  drop_disk

  exhibit=first-$format
  make_disk back slow
  end_at INT $((32 * mib)) "$exhibit" --format "$format" --copy copy
  drop_disk
  sed -i '6,$d' "$case/$exhibit.partial/$exhibit.sha256"
  make_disk back healthy
  acquire 0 "$exhibit" --format "$format" --copy copy --resume
  at_most 'bytes read of what stood' $((32 * mib + 6 * mib)) "$(bytes_read)"
  judge "$exhibit" back
  second_too "$exhibit"
  drop_disk
done
shown 'an image that lags gets from the other what that has'

# What was not begun well leaves nothing behind.
exhibit=small
mkdir small
mount -t tmpfs -o size=8M none small
mounts+=("$PWD/small")
make_disk back healthy
acquire 5 "$exhibit" --format raw --copy small
same 'left in the folder of the copy' '' "$(ls small)"
mount -o remount,size=200M small
acquire 0 "$exhibit" --format raw --copy small
judge "$exhibit" back
drop_disk

# ---- a target that is full while the medium is rescued ----
# Both are holes at first, so that there was room in the beginning.
printf 'bad 40960 2\nslow 32768 8 4000\nslow 81920 8 4000\n' >faults
mkdir narrow
over_or_read() { ! kill -0 "$pid" 2>/dev/null || was_read "$1"; }
mount -t tmpfs -o size=200M none narrow
mounts+=("$PWD/narrow")
for lagging in copy first; do
  exhibit=full-$lagging
  if [ "$lagging" = copy ]; then
    case=case second=narrow
  else
    case=narrow/case second=copy
  fi
  make_disk back faults
  athar acquire "$disk" --case "$case" --exhibit "$exhibit" --yes --quiet --format raw --rescue \
    --copy "$second" >out.txt 2>err.txt &
  pid=$!
  await was_read $((15 * mib))
  mount -o remount,size=$((18 * mib)) narrow
  await over_or_read $((40 * mib))
  kill -s INT "$pid" 2>/dev/null
  wait "$pid"
  # Where the case's own disk is full nothing can be noted, and it ends.
  [ "$lagging" = first ] || same 'what was left behind' 2 "$(jq .behind "$case/$exhibit.partial/acquiring.json")"
  drop_disk
  mount -o remount,size=200M narrow
  make_disk back faults.later
  acquire 3 "$exhibit" --format raw --copy "$second" --resume
  judge "$exhibit" filled
  same 'unread_bytes' 0 "$(record .unread_bytes)"
  must 'the second image' cmp filled "$second/$exhibit/$exhibit.dd"
  drop_disk
  rm -rf "${second:?}/$exhibit" "${case:?}/$exhibit"
done
shown 'an image whose disk was full during a rescue gets what the other has'
