# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Files with other bytes in their middle. Where those lie between the pieces, the pieces are joined; where they lie over
# a part of the file, nothing is called whole.
needs jq openssl sqlite3 zip
needs_confinement
sqlite3 a.sqlite "create table t(x); with recursive c(n) as (select 1 union all select n+1 from c where n<400)
  insert into t select hex(n*7919) || printf('%0200d', n) from c;"
bytes 60000 >r.bin
zip -q -0 a.zip r.bin
# Each lies in two pieces with 4096 foreign bytes between them.
{
  head -c 65536 /dev/zero
  for f in a.sqlite a.zip; do
    head -c 8192 $f
    bytes 4096
    tail -c +8193 $f
    head -c $((65536 - $(stat -c %s $f) % 512)) /dev/zero
  done
} >disk.img
truncate -s %4096 disk.img
athar carve disk.img --case case --exhibit 1 >out 2>err
echo "exit $?"
jq -r '[.type, .grade, .state] | @csv' case/1/carve-001/items.jsonl
jq -r 'select(.grade != "partial") | .hashes.sha256' case/1/carve-001/items.jsonl | sort |
  cmp - <(sha256sum a.sqlite a.zip | cut -c1-64 | sort)
# The same, with 4096 bytes of each gone.
{
  head -c 65536 /dev/zero
  for f in a.sqlite a.zip; do
    head -c 8192 $f
    bytes 4096
    tail -c +12289 $f
    head -c $((65536 - $(stat -c %s $f) % 512)) /dev/zero
  done
} >gone.img
athar carve gone.img --case gone --exhibit 1 >out 2>err
echo "exit $?"
jq -r '[.type, .grade, .state] | @csv' gone/1/carve-001/items.jsonl
# In one piece both are whole.
{
  head -c 65536 /dev/zero
  for f in a.sqlite a.zip; do
    cat $f
    head -c $((65536 - $(stat -c %s $f) % 512)) /dev/zero
  done
} >whole.img
athar carve whole.img --case whole --exhibit 1 >out 2>err
jq -r '[.type, .grade] | @csv' whole/1/carve-001/items.jsonl
jq -r '.hashes.sha256' whole/1/carve-001/items.jsonl | sort |
  cmp - <(sha256sum a.sqlite a.zip | cut -c1-64 | sort)
