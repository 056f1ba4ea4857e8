# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
# Of two images one can be written no more: the other one goes on.
needs openssl jq ewfverify
needs_root
needs_confinement
mixed 40000000 >disk.img
export sha
sha=$(hash_of sha256sum <disk.img)
mkdir small large
# The room is there when it is looked for, and taken away behind its back.
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=60m none small || exit 77

  # fill FOLDER FORMAT OPTION...: into two places, one of which, the folder, is full on the way.
  fill() {
    local folder=$1 format=$2
    shift 2
    athar acquire disk.img --exhibit $format --format $format -j 1 "$@" --json >out 2>err &
    until compgen -G "$folder/*.[Ed]*" >/dev/null || ! kill -0 $! 2>/dev/null; do :; done
    kill -STOP $!
    head -c 60000000 /dev/zero >small/filler 2>/dev/null
    head -c -8192 small/filler >/dev/null && truncate -s -8192 small/filler
    kill -CONT $!
    wait $!
    echo "exit $?"
    tail -n 1 out | jq -c "[.exit, .copy, .bad_bytes, .resumable]"
  }

  quietly 0 athar case new case
  for format in ewf raw; do
    fill small/$format.partial $format --case case --copy small
    grep -o "there is no second image in small: cannot write small/.*full\|No space left" err |
      grep -c "full\|No space"
    jq -c "[.read_back, .bad_bytes, .copy.name, (.copy.error | length > 0)]" case/$format/acquisition.json
    [ "$(jq -r .hashes.sha256 case/$format/acquisition.json)" = $sha ] || echo "another hash"
    ls -d small/$format 2>/dev/null
    rm small/filler
  done
  quietly 0 ewfverify -q case/ewf/ewf.E01
  cmp disk.img case/raw/raw.dd
  quietly 0 athar verify case

  # Room for the image and its list of hashes, and none for its record.
  athar acquire disk.img --case case --exhibit record --format raw -j 1 --copy small >out 2>err &
  until [ -s small/record.partial/record.dd ] || ! kill -0 $! 2>/dev/null; do :; done
  kill -STOP $!
  lacking=$((39064 + 4 - $(du -k small/record.partial | cut -f1)))
  head -c $((($(df --output=avail -k small | tail -n 1) - lacking) * 1024)) /dev/zero >small/filler
  kill -CONT $!
  wait $!
  echo "exit $?, $(grep -o "there is no second image in small" err)"
  cmp disk.img case/record/record.dd
  jq -c "[.read_back, .copy.name]" case/record/acquisition.json
  jq -r .copy.error case/record/acquisition.json | grep -o "acquisition.json.*No space left"
  [ -e small/record ] && echo "there is a second image"
  quietly 0 athar verify case
  rm small/filler
  ls small

  quietly 0 athar case new small/case
  for format in ewf raw; do
    fill small/case/$format.partial $format --case small/case --copy large
    grep -o "the second image is whole, the first one is not" err
    ls -d small/case/$format large/$format 2>/dev/null
    [ $format = ewf ] && quietly 0 ewfverify -q large/ewf.partial/ewf.E01
    [ $format = raw ] && cmp disk.img large/raw.partial/raw.dd
    rm small/filler
    quietly 0 athar acquire disk.img --case small/case --exhibit $format --format $format --copy large --resume
    diff -r small/case/$format large/$format
    [ "$(jq -r .hashes.sha256 large/$format/acquisition.json)" = $sha ] || echo "another hash"
    rm -r small/case/$format
  done' || exit 77
