# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq
say athar case new case --number 42/2026 --description 'a raid' --examiner KM \
  --examiner-name 'خالد' --examiner-role examiner --request-authority 'Public Prosecution' \
  --authority-type warrant --authority-number 7 --authority-from 2026-01-01 --lab-name 'Lab 1' --time-zone +03:00
jq -c '[.number, .description, .people, .request, .authorities, .lab, .time_zone]' case/case.json
say athar case new case
say athar case set case number=43/2026 lab.address='Street 1'
jq -c '[.number, .lab]' case/case.json
say athar case set case 'people=[{"id":"KM","name":"K M"},{"id":"AB","name":"A B"}]'
jq -c '[.people[].id]' case/case.json
say athar case set case 'people=nobody'
say athar case set case frobnicate=1
say athar case note case 'opened the bag; the seal was torn'
say athar case note case 'received from the officer' --exhibit 3-1
say athar case note nowhere text
jq -r .action case/custody.jsonl
# The chain, with sha256sum alone.
previous=0000000000000000000000000000000000000000000000000000000000000000
while IFS= read -r line; do
  [ "$(jq -r .prev <<<"$line")" = "$previous" ] || echo "the chain is broken"
  previous=$(sha256sum <<<"$line" | cut -c1-64)
done <case/custody.jsonl
athar case show case 2>err | grep -c "$previous"
cat err
# A changed line is seen.
sed -i '2s/Street 1/Street 2/' case/custody.jsonl
athar case show case >out 2>err
echo "exit $?"
wc -l <err
