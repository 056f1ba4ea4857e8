# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq
needs_confinement
{ bytes 102400; head -c 10240 /dev/zero; gif; bytes 20000; } | head -c 132096 >disk.dd
md5=$(hash_of md5sum <disk.dd)
{
  printf '\ndc3dd 7.2.646 started at 2026-11-25 13:22:33 +0000\nsector size: 512 bytes (probed)\n'
  printf "[!!] 20 occurrences while reading \`/dev/sdb' from sector 200 to sector 219 : Input/output error\n"
  printf "input results for device \`/dev/sdb':\n   %s (md5)\n" "$md5"
} >dc.log
quietly 0 athar case new case
quietly 0 athar case add case disk.dd --exhibit far --log dc.log --examiner KM
quietly 0 athar case add case disk.dd --exhibit near --log dc.log --copy
for exhibit in far near; do
  athar carve case --exhibit $exhibit --every-byte >out 2>err
  echo "carve: $?"
  jq -r '[.type, .grade, .extents[0].at] | join(" ")' case/$exhibit/carve-001/items.jsonl
  jq -c '[.bad_bytes]' case/$exhibit/carve-001/run.json
  athar cat case --exhibit $exhibit 2>cat.err | cmp - disk.dd
  cat cat.err
done
quietly 0 athar verify case
athar report case --format text -o - 2>/dev/null >report.txt
grep -A1 'made elsewhere, with' report.txt | head -2
grep -E 'Said by|Read from|\(medium\)|could be checked|By that' report.txt
athar report case --format html -o - 2>/dev/null >report.html
grep -c "$md5" report.html
athar report case --format json 2>/dev/null >out
jq -r 'select(.acquisition != null) | .acquisition.made_by.tool' "$(cat out)"
athar case add case disk.dd --exhibit json --log dc.log --json 2>err >out
tail -n 1 out | jq -c '[.type, .exit, .made_by, .compared, .differ, .bad_bytes]'
