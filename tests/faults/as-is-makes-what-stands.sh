# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# No more will be read of this disk: the exhibit has what stands, and says of all else that it was not tried.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

bytes 33554432 >back
echo 'slow 0 65536 50' >slow
echo 'bad 300 100' >sick

# fill_lacking MAP: back, with zeros where this map finished nothing, as filled.
fill_lacking() {
  local offset length state first=1
  truncate -s 0 filled
  truncate -s 33554432 filled
  while read -r offset length state; do
    if [ $first = 0 ] && [ "$state" = + ]; then
      dd if=back of=filled bs=512 skip=$((offset / 512)) seek=$((offset / 512)) count=$((length / 512)) \
        conv=notrunc status=none
    fi
    first=0
  done < <(grep -v '^#' "$1")
}

# judge_rest EXHIBIT LEAST: what the record says of the rest is what the map said before; at least so many
# bytes are bad.
judge_rest() {
  local record=$case/$1/acquisition.json stand bad unread
  stand=$(map_total before.map +) bad=$(map_total before.map -) unread=$(map_total before.map '?' '*' /)
  fill_lacking before.map
  same 'bad_bytes' "$bad" "$(summary .bad_bytes)"
  same 'unread_bytes' "$unread" "$(summary .unread_bytes)"
  same 'bad ranges' "$bad" "$(jq '[.bad[] | select(.kind == "bad") | .length] | add // 0' "$record")"
  same 'unread ranges' "$unread" "$(jq '[.bad[] | select(.kind == "unread") | .length] | add // 0' "$record")"
  at_least 'bad bytes' "$2" "$bad"
  at_least 'unread bytes' 8192 "$unread"
  at_least 'bytes that stand' 1048576 "$stand"
  judge "$1" filled
  shown "$1: $stand bytes stand, $bad bad, $unread not tried"
}

# as_is EXHIBIT FORMAT: to know that it is the same disk some of it is read again, at most 4 MiB.
as_is() {
  nothing_claimed "$1"
  cp "$case/$1.partial/$1.map" before.map
  : >"$log"
  acquire 3 "$1" --format "$2" --resume --as-is
  at_most 'bytes read again' $((5 << 20)) "$(awk '{ n += $3 } END { print n + 0 }' "$log")"
}

# made STOP FAULTS LEAST: it stops so, and at least so many bytes are bad then.
made() {
  local format id
  for format in ewf raw; do
    id=$format${1//[^a-z]/}
    make_disk back "$2"
    acquire 2 "$id" --format "$format" --as-is
    # shellcheck disable=SC2086
    acquire 4 "$id" --format "$format" --rescue $1
    as_is "$id" "$format"
    judge_rest "$id" "$3"
    same 'as_is on record' true "$(jq .rescue.as_is "$case/$id/acquisition.json")"
    drop_disk
  done
}
made '--stop-after 1' slow 0
made '--max-bad 10KiB' sick 10240

# Interrupted while all went well: what is in order stands.
for format in ewf raw; do
  id=$format-stopped
  make_disk back slow
  athar acquire "$disk" --case "$case" --exhibit "$id" --format "$format" -j 1 --json >out.json 2>err.txt &
  await reads_are 24
  kill -INT $!
  wait $!
  tail -n 1 out.json >summary.json
  as_is "$id" "$format"
  judge_rest "$id" 0
  drop_disk
done
must 'verify of the case' athar verify "$case" --quiet
