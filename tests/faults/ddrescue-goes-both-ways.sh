# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# What athar began on a sick disk ddrescue ends, and what ddrescue began athar ends; neither reads again
# what the other has.
needs_disk
needs openssl jq ewfverify ewfinfo ewfexport ddrescue ddrescuelog
needs_confinement

bytes 67108864 >back
cat >sick <<'TEXT'
bad 1000 1
bad 12345 17
bad 40000 512
bad 100000 300
bad 131071 1
TEXT
bad_bytes=$((831 * 512))
fill_bad sick <back >filled
{ cat sick; echo 'dies bytes 40000000'; } >dying

# reads_again MAP: bytes that were read well since $log was emptied although the map had them.
reads_again() {
  {
    grep -v '^#' "$1" | tail -n +2 | while read -r offset length state; do
      [ "$state" = + ] && echo "map $((offset)) $((offset + length))"
    done
    awk '$4 == "ok" { print "read", $2, $2 + $3 }' "$log"
  } | awk '
    $1 == "map" { low[n] = $2; high[n++] = $3 }
    $1 == "read" { for (i = 0; i < n; i++) {
        a = $2 > low[i] ? $2 : low[i]; b = $3 < high[i] ? $3 : high[i]; if (a < b) sum += b - a } }
    END { printf "%d\n", sum }'
}

# Ours, until the drive died; ddrescue's from there.
make_disk back dying
acquire 4 ours --format raw --rescue
nothing_claimed ours
rm "$control/dead"
cp "$case/ours.partial/ours.map" image.map
cp --sparse=always "$case/ours.partial/ours.dd" image
must 'ddrescuelog takes the map' ddrescuelog -q -t image.map >/dev/null
cp image.map begun.map
at_least 'bytes finished in the map' 30000000 "$(map_total image.map +)"
: >"$log"
must 'ddrescue goes on' ddrescue -q -d -r3 "$disk" image image.map
same 'readable sectors lost' 0 "$(lost_sectors filled image)"
same 'bad bytes in the map' $bad_bytes "$(map_total image.map -)"
# A cluster or two at an edge.
again=$(reads_again begun.map)
at_most 'bytes that ddrescue reads again' 262144 "$again"
shown "ddrescue ends what athar began: 0 readable sectors lost, $again bytes read again"
# So does athar itself, from the same place.
: >"$log"
acquire 3 ours --format raw --rescue --resume
same 'bad_bytes' $bad_bytes "$(summary .bad_bytes)"
judge ours filled
drop_disk

# ddrescue's, of the first 40 MiB, the sick places untrimmed; ours from there.
make_disk back sick
must 'ddrescue begins' ddrescue -q -d -n -s 41943040 "$disk" theirs theirs.map
at_least 'bytes finished in the map' 41000000 "$(map_total theirs.map +)"
sum=$(sha256sum theirs theirs.map)
for format in ewf raw; do
  : >"$log"
  acquire 3 "$format" --format "$format" --from-map theirs.map --from-image theirs
  # To know that it is the same disk some of it is read again, at most 8 MiB.
  again=$(reads_again theirs.map)
  at_most 'bytes that athar reads again' $((8 << 20)) "$again"
  same 'bad_bytes' $bad_bytes "$(summary .bad_bytes)"
  judge "$format" filled
  same "ddrescue's files" "$sum" "$(sha256sum theirs theirs.map)"
  shown "athar ends what ddrescue began, --format $format: exit 3, 0 readable sectors lost, $again bytes read again"
done

# A map that is not of this disk is refused.
drop_disk
head -c 33554432 back >smaller
: >healthy
make_disk smaller healthy
acquire '5|4|2' wrong --from-map theirs.map --from-image theirs
if [ -e "$case/wrong" ]; then
  fail 'an exhibit was made with a map of another disk'
fi
