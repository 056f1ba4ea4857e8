# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2094
needs openssl jq ewfverify ewfexport
needs_confinement
quietly 0 athar case new case
mkfifo pipe

# give PATH FILE: the bytes of the file come through the pipe, in pieces of odd sizes.
give() {
  dd if="$2" of="$1" bs=4099 status=none
}

# judge ID FILE
judge() {
  local record=case/$1/acquisition.json size algorithm
  size=$(stat -c %s "$2")
  for algorithm in md5 sha1 sha256; do
    [ "$(openssl dgst -$algorithm -r "$2" | cut -d' ' -f1)" = "$(jq -r .hashes.$algorithm "$record")" ] ||
      echo "another $algorithm of $1"
  done
  [ "$(jq .source.size "$record")" = "$size" ] || echo "another size of $1"
  jq -c '[.source.driver, .image.padded_bytes, .read_back, .sessions[].result]' "$record"
  if [ -e "case/$1/$1.dd" ]; then
    cmp "$2" "case/$1/$1.dd"
    return
  fi
  quietly 0 ewfverify -q "case/$1/$1.E01"
  rm -f exported.*
  quietly 0 ewfexport -u -q -f raw -t exported "case/$1/$1.E01"
  truncate -s %512 "$2"
  cmp "$2" exported.raw
}

for size in 1 512 1000 1048576 5000001; do
  for format in ewf raw; do
    bytes $size >bytes
    id=$format-$size
    give /dev/stdout bytes | quietly 0 athar acquire - --case case --exhibit "$id" --format $format
    judge "$id" bytes
    bytes $size >bytes
    give pipe bytes &
    quietly 0 athar acquire pipe --case case --exhibit "fifo-$id" --format $format
    wait
    judge "fifo-$id" bytes
  done
done

# One that takes its time.
bytes 300000 >bytes
{ head -c 100000 bytes; sleep 0.7; tail -c +100001 bytes; } |
  quietly 0 athar acquire - --case case --exhibit slow
judge slow bytes

# A part of it is known only when it is over; what is gone cannot be gone on with.
one_line 2 athar acquire - --case case --exhibit again --resume <bytes
bytes 1000 | one_line 2 athar acquire - --case case --exhibit again --rescue
for format in ewf raw; do
  true | one_line 5 athar acquire - --case case --exhibit empty --format $format
done
find case -name 'empty*' -o -name 'again*'

# It gave all it had, and the target is full: nothing is left of it, and nothing can be gone on with.
bytes 3000000 >bytes
(ulimit -f 2500 && trap '' XFSZ && one_line 4 athar acquire - --case case --exhibit full --format raw <bytes)
find case -name 'full*'

# Nobody waits for one that says nothing more.
stopped() {
  local begin=$EPOCHREALTIME end status
  kill -INT "$1"
  wait "$1"
  status=$?
  end=$EPOCHREALTIME
  ((${end/./} - ${begin/./} < 1000000)) || echo "stopped after $((${end/./} - ${begin/./})) us"
  echo "exit $status"
  grep -c resume err
  find case -name 'stalled*'
}
for format in ewf raw; do
  { bytes 3000000; exec sleep 20; } >pipe &
  writer=$!
  athar acquire pipe --case case --exhibit stalled --format $format >out 2>err &
  reader=$!
  until compgen -G 'case/stalled.partial/*.[Ed]*' >/dev/null; do sleep 0.05; done
  sleep 0.3
  stopped $reader
  kill $writer
  { wait $writer; } 2>/dev/null
done
# Nobody even opens it.
athar acquire pipe --case case --exhibit stalled >out 2>err &
sleep 0.5
stopped $!
quietly 0 athar verify case
