# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
# In rescue mode one map speaks of two raw images: what one of them did not get is never called read.
needs openssl jq
needs_root
needs_confinement
bytes 400000000 >disk.img
mkdir small large
unshare -m bash -u -c '
  . "$ATHAR_SOURCE/tests/cli/common.sh"
  mount -t tmpfs -o size=900m none small || exit 77

  # begin IMAGE OPTION...: in the background; the disk of this image is full on the way.
  begin() {
    local image=$1
    shift
    athar acquire disk.img --format raw --rescue -j 1 "$@" >out 2>err &
    until ([ -s "$image" ] && (($(stat -c %b "$image") > 8192))) || ! kill -0 $! 2>/dev/null; do :; done
    kill -STOP $!
    head -c 900000000 /dev/zero >small/filler 2>/dev/null
    kill -CONT $!
  }

  # There is room again before the map is written for the last time.
  quietly 0 athar case new small/case
  begin small/case/first.partial/first.dd --case small/case --exhibit first --copy large
  until (($(stat -f -c %a small) == 0)) || ! kill -0 $! 2>/dev/null; do :; done
  rm small/filler
  wait $!
  echo "exit $?, $(grep -c "the same command with --resume goes on" err)"
  quietly 0 athar acquire disk.img --format raw --rescue --case small/case --exhibit first --copy large --resume
  cmp disk.img small/case/first/first.dd
  cmp disk.img large/first/first.dd
  rm -r small/case large/first

  # The second one got no more, and then the first one was interrupted: with room again it gets what it lacks.
  quietly 0 athar case new case
  begin small/second.partial/second.dd --case case --exhibit second --copy small
  until grep -q "gets nothing more" err || ! kill -0 $! 2>/dev/null; do :; done
  rm small/filler
  kill -INT $!
  wait $!
  echo "exit $?"
  athar acquire disk.img --format raw --rescue --case case --exhibit second --copy small --resume --no-verify >out 2>err
  echo "exit $?"
  cmp disk.img case/second/second.dd
  jq -c "[.bad_bytes, .unread_bytes, .copy.name, (.copy.error | length > 0)]" case/second/acquisition.json
  cmp disk.img small/second/second.dd
  quietly 0 athar verify case' || exit 77
