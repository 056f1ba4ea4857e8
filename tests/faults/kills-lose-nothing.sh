# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# Killed with SIGKILL at ATHAR_KILLS places for each format, sometimes killed again while it goes on: in the
# end the image has the media data and the hashes of one that nobody disturbed.
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

mixed 100663296 >back
# No multiple of a sector: 77 bytes more.
bytes 77 >>back
source=back
RANDOM=$((ATHAR_KILLS * 7 + 1))

hashes_of() { jq -c '[.hashes, .padded_hashes]' "$case/$1/acquisition.json"; }

# The media data of an E01 are whole sectors.
padded() {
  cat back
  [ "$1" = raw ] || head -c $((512 - 77)) /dev/zero
}

# kill_at MS EXHIBIT OPTION...: true when it was killed, false when it was done before.
kill_at() {
  local ms=$1 exhibit=$2 status
  shift 2
  {
    timeout -s KILL "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))" \
      athar acquire back --case "$case" --exhibit "$exhibit" --yes --quiet "$@" >out.txt 2>err.txt
    status=$?
  } 2>/dev/null
  [ $status -eq 137 ] && return 0
  [ $status -eq 0 ] || fail "exit $status, neither killed nor done"
  return 1
}

# How an exhibit goes on: --resume where there is something, nothing said where nothing is.
go_on() {
  resume=()
  [ ! -d "$case/$1.partial" ] || resume=(--resume)
}

# judge_media EXHIBIT FORMAT
judge_media() {
  image "$1"
  must 'the media data are the source' cmp image.raw <(padded "$2")
  rm -f image.raw
  same 'hashes' "$undisturbed" "$(hashes_of "$1")"
  [ "$2" = raw ] || ewfverify -q "$case/$1/$1.E01" >ewfverify.txt 2>&1 || fail "ewfverify: $(cat ewfverify.txt)"
  same 'block hashes' "$blocks" "$(grep -v '^#' "$case/$1/$1.sha256" | sha256sum)"
}

for format in ewf raw; do
  options=(--format "$format" --segment-size 8MiB)
  acquire 0 "$format" "${options[@]}"
  undisturbed=$(hashes_of "$format") blocks=$(grep -v '^#' "$case/$format/$format.sha256" | sha256sum)
  judge_media "$format" "$format"
  same 'MD5' "$(md5_of back)" "$(jq -r .hashes.md5 "$case/$format/acquisition.json")"
  span=$took killed=0 again=0 resumed=0
  for ((kill = 0; kill < ATHAR_KILLS; kill++)); do
    exhibit=$format$kill
    # Everywhere between its first moment and a little past its end.
    ms=$(((kill * span + RANDOM % (span + 1)) / ATHAR_KILLS + 5))
    if kill_at "$ms" "$exhibit" "${options[@]}"; then
      killed=$((killed + 1))
      if ((RANDOM % 2)) && [ ! -e "$case/$exhibit" ]; then
        go_on "$exhibit"
        kill_at $((RANDOM % span + 5)) "$exhibit" "${options[@]}" "${resume[@]}" && again=$((again + 1))
      fi
      if [ ! -e "$case/$exhibit" ]; then
        go_on "$exhibit"
        [ ${#resume[@]} -eq 0 ] || resumed=$((resumed + 1))
        acquire 0 "$exhibit" "${options[@]}" "${resume[@]}"
      fi
    fi
    judge_media "$exhibit" "$format"
    [ ! -e "$case/$exhibit.partial" ] || fail "$exhibit.partial is left"
    rm -f "$case/$exhibit/$exhibit".[Ed0-9]*
  done
  at_least 'kills that came in time' $((ATHAR_KILLS / 2)) "$killed"
  at_least 'kills after which there was something to go on from' 1 "$resumed"
  shown "--format $format: $killed of $ATHAR_KILLS killed in time, $again twice, $resumed resumed;" \
    "all have the media data and hashes of the undisturbed run"
done
# The log names every beginning, and its chain holds.
must 'the custody log' athar case show "$case" --quiet >/dev/null
