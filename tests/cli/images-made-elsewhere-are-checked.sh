# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfacquire dc3dd dcfldd
needs_confinement
bytes 3000320 >stick.img
sha256=$(hash_of sha256sum <stick.img)
quietly 0 athar case new case

# added EXHIBIT IMAGE OPTION...: takes it in and says what came of it.
added() {
  local exhibit=$1
  shift
  athar case add case "$@" --exhibit "$exhibit" >out 2>err
  echo "exit $?"
  tail -n 1 err
  grep -E 'Made by|DIFFERS|Note' out
  jq -c '[.by_reference, .compared, (.differences | length), (.notes | length), .image.segments,
    ([.said[] | [.by, .format, .not_understood]])]' "case/$exhibit/acquisition.json"
  [ "$(jq -r .hashes.sha256 "case/$exhibit/acquisition.json")" = "$sha256" ] || echo 'another hash'
}

ewfacquire -u -t ewf -C 42 -E 3-1 -e KM -d sha1,sha256 -l ewf.log -S 1MiB -f encase6 stick.img \
  >ewf.out 2>&1 </dev/null || cat ewf.out
added ewf ewf.E01 --log ewf.out --log ewf.log
jq -c '.said[0] | [.case_number, .evidence_number, .examiner]' case/ewf/acquisition.json
added ewf-copy ewf.E01 --log ewf.log --copy
added ewf-alone ewf.E01

dc3dd if=stick.img hof=dc.dd hash=md5 hash=sha256 log=dc.log hlog=dc.hlog mlog=dc.mlog >dc.out 2>&1 || cat dc.out
added dc dc.dd --log dc.log --log dc.hlog --log dc.mlog --copy
dc3dd if=stick.img ofs=split.000 ofsz=1M hash=sha1 log=split.log >dc.out 2>&1 || cat dc.out
added split split.000 --log split.log --copy

dcfldd if=stick.img of=cf.dd hash=md5,sha512 hashwindow=1M hashlog=cf.log 2>cf.err || cat cf.err
added cf cf.dd --log cf.log
jq -c '[.seen.pieces_same, .seen.pieces_differ]' case/cf/acquisition.json

# Hashes of the files themselves, by sha256sum and hashdeep.
sha256sum ewf.E0? >files.sha256
added files ewf.E01 --log files.sha256

# The logs are kept as they are, copies are what they were copied from, and nothing else is there.
cmp ewf.log case/ewf-copy/log-1.txt
cmp dc.dd case/dc/dc.dd
cat case/split/split.00? | cmp - stick.img
cmp ewf.E02 case/ewf-copy/ewf-copy.E02
ls case/ewf case/ewf-copy
find case -type f ! -perm 600 -o -type d ! -perm 700
find case -name '*.partial'
# The block hashes are those that acquire writes.
quietly 0 athar acquire stick.img --case case --exhibit own --format raw
cmp case/own/own.sha256 case/cf/cf.sha256

# The log of the case tells of every file, and the case goes on from there.
(cd case && jq -r '.data.files[]? | select(.sha256) | "\(.sha256)  \(.name)"' custody.jsonl | sha256sum --quiet -c)
jq -r 'select(.action == "exhibit.add.end") | .data | [.result, .compared, .differ] | join(" ")' case/custody.jsonl
athar verify case >out 2>err
echo "verify: $?"
grep -vE '^  (same|MD5|SHA-1|SHA-256) ' out
# An image that has changed since.
printf X | dd of=cf.dd bs=1 seek=2000000 conv=notrunc status=none
athar verify case >out 2>err
echo "verify: $?"
rows out DIFFERS | sed "s,$PWD/,,"
