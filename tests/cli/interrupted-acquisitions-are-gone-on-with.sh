# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq
needs_confinement
mixed 300000000 >disk.img
quietly 0 athar case new case

# until_saved NAME: something of it is on the disk.
until_saved() {
  until [ -s "case/$1.partial/$1.sha256" ] || ! kill -0 $! 2>/dev/null; do :; done
}

for format in ewf raw; do
  quietly 0 athar acquire disk.img --case case --exhibit "$format" --format $format
  for end in INT KILL; do
    name=$format-$end
    athar acquire disk.img --case case --exhibit "$name" --format $format -j 1 >out 2>err &
    until_saved "$name"
    kill -s $end $!
    { wait $!; } 2>/dev/null
    status=$?
    [ $status -eq 0 ] && echo "it was over too soon"
    [ $end = INT ] && echo "exit $status, $(grep -o 'the same command with --resume goes on' err)"
    (cd case && ls -d "$name"*)
    # Not begun again, not with other settings, not from another source.
    one_line 5 athar acquire disk.img --case case --exhibit "$name" --format $format
    one_line 2 athar acquire disk.img --case case --exhibit "$name" --format $format --hash md5 --resume
    truncate -s 250000000 other.img
    one_line 5 athar acquire other.img --case case --exhibit "$name" --format $format --resume
    quietly 0 athar acquire disk.img --case case --exhibit "$name" --format $format --resume
    for key in .hashes .read_back .image.media_size; do
      cmp <(jq -c $key "case/$format/acquisition.json") <(jq -c $key "case/$name/acquisition.json")
    done
    cmp "case/$format/$format.sha256" "case/$name/$name.sha256"
    cmp "case/$format/$format.map" "case/$name/$name.map"
    jq -c '[.sessions[].result]' "case/$name/acquisition.json"
    find "case/$name" -name '*.rescue' -o -name acquiring.json -o -name '.*'
  done
done
cmp disk.img case/raw-KILL/raw-KILL.dd
# What never began cannot be gone on with.
one_line 5 athar acquire disk.img --case case --exhibit none --resume
quietly 0 athar verify case
