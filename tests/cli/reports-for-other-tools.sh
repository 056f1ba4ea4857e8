# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# hashdeep audits what was recovered with the list that a report is; VICS is what the tools open, and athar
# reads it as a list again.
needs jq xz hashdeep sqlite3
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
quietly 0 athar carve practice.img --case case --exhibit 1
run=case/1/carve-001
quietly 3 athar report case --format hashdeep -o list
head -n 2 list
(cd case && hashdeep -k ../list -a -l -r 1/carve-001/recovered)
cp "case/$(sed -n 's/.*,//p' list | grep recovered | head -n 1)" other && echo x >>other
hashdeep -k list -a other | head -n 1
grep -c recovered list
find $run/recovered -type f | wc -l | tr -d ' '
find $run/recovered -name '*.jpg' | sort | xargs sha1sum | cut -c1-40 |
  jq -Rn '[inputs | {MediaID: 1, Category: 2, SHA1: .}]' >vics.in
quietly 0 athar carve case --known vics.in --type jpeg
quietly 3 athar report case --format vics -o case.json
jq -r '."@odata.context", (.value | length), (.value[0] | keys | join(" "))' case.json
jq -c '.value[0].Media | [length, (map(.MediaID) == [range(1; length + 1)]), (map(keys[]) | unique)]' case.json
jq -c '.value[0].Media | map(.MediaFiles[] | keys[]) | unique' case.json
jq -c '.value[0].Media | group_by([.MimeType, .Category, .IsPrecategorized]) | .[] | [.[0].MimeType, .[0].Category, .[0].IsPrecategorized, length]' case.json
# Each medium is the file that it names.
jq -r '.value[0].Media[] | select(.RelativeFilePath) | "\(.MD5)  \(.RelativeFilePath | gsub("\\\\"; "/"))"' case.json >sums
(cd case && md5sum -c --quiet ../sums) && wc -l <sums | tr -d ' '
jq -r '.value[0].Media[] | select(.SHA1) | "\(.SHA1)  \(.RelativeFilePath | gsub("\\\\"; "/"))"' case.json >sums
(cd case && sha1sum -c --quiet ../sums) && wc -l <sums | tr -d ' '
diff <(jq -r '.value[0].Media[].MediaSize' case.json) \
  <(cat case/1/*/items.jsonl | jq 'select(.hashes.md5 and (.type | IN("jpeg", "png", "gif", "netpbm", "xcf", "avi", "mpeg", "bmff"))) | .size')
for list in list case.json; do
  athar known "$list" -o "$list.set" --json | jq -c 'select(.type == "row") | [.format, .unread, .algorithms]'
done
