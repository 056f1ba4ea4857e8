# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 3000000 >good.img
quietly 0 athar acquire good.img --case made --exhibit 1 --segment-size 1048576 --compression none
ls made/1/*.E0* >segments
echo "$(wc -l <segments) segments"
mkdir set folder
cp made/1/1.E0* set/

: >empty.img
printf 'EVF\011\015\012\377\000' >tiny.E01
head -c 700000 set/1.E01 >truncated.E01
mkdir missing
cp set/1.E01 set/1.E03 missing/
bytes 4096 >random.E01

for image in absent.img folder empty.img tiny.E01 truncated.E01 missing/1.E01 random.E01; do
  for command in info cat verify; do
    timeout 60 athar $command "$image" >out 2>err
    status=$?
    echo "$command: exit $status, $(wc -l <err) lines, $(wc -c <out) bytes on stdout"
    [ "$status" -lt 128 ] || cat err
  done
  cat err
  timeout 60 athar acquire "$image" --case new --exhibit 1 >out 2>err
  echo "acquire: exit $?, $(grep -vc '^new case' err) lines"
  [ -e new ] && find new -name '*.partial' -o -name '1' -type d
  rm -rf new
done
