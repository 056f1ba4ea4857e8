# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# The power fails with the N-th change to the target, ATHAR_KILLS times for each format, every second time
# with pages torn. What was not synced is not there; what stands under its final name is whole.
needs_fuse losing_disk
needs openssl jq ewfverify ewfinfo ewfexport
needs_confinement

mixed 33554432 >back
source=back
RANDOM=$((ATHAR_KILLS * 11 + 5))

# A case whose folder is durable, so that what is tested is the acquisition.
make_durable_case() {
  make_target
  athar case new target/case --number 7 --quiet >out.txt 2>err.txt || fail 'no case'
  sync target target/case target/case/*
  ready=$(wc -l <"$changes")
}

for format in ewf raw; do
  options=(--format "$format" --segment-size 8MiB)
  make_durable_case
  case=target/case
  acquire 0 1 "${options[@]}"
  total=$(($(wc -l <"$changes") - ready))
  # What is done is durable: nothing is missing when the power fails after the last word.
  must "nothing is lost after exit 0, --format $format" diff -r "$durable/case" "${durable%/durable}/live/case"
  drop_target
  resumed=0 anew=0 stood=0
  for ((cut_number = 0; cut_number < ATHAR_KILLS; cut_number++)); do
    make_durable_case
    at=$((1 + (cut_number * total + RANDOM % total) / ATHAR_KILLS)) torn=
    ((cut_number % 2)) && torn=" torn $RANDOM"
    echo "$((ready + at))$torn" >"$cut"
    timeout -k 5 60 athar acquire back --case target/case --exhibit 1 --yes --json "${options[@]}" \
      >out.json 2>err.txt
    status=$?
    last=$(tail -n 1 "$changes")
    [[ $status -ne 0 && $status -ne 3 ]] || fail "exit $status although the power failed at $last"
    drop_target
    # The machine is back.
    rm -rf after
    cp -a "$durable/case" after
    rm -rf "${durable%/*}"
    case=after
    if [ -d after/1 ]; then
      stood=$((stood + 1))
    elif [ -d after/1.partial ]; then
      resumed=$((resumed + 1))
      acquire 0 1 "${options[@]}" --resume
    else
      anew=$((anew + 1))
      acquire 0 1 "${options[@]}"
    fi
    printf 'cut at %s%s\n' "$last" "$torn" >cut.txt
    judge 1 back
    must 'the custody log' athar case show after --quiet >/dev/null
  done
  at_least 'cuts after which there was something to go on from' 1 "$resumed"
  shown "--format $format: $ATHAR_KILLS power cuts in $total changes: $resumed resumed, $anew begun anew," \
    "$stood stood whole; all have the right bytes and hashes"
done
