# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What a list has is marked, and left out where that is asked; hashdeep judges what matches.
needs jq xz hashdeep
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
quietly 0 athar carve practice.img --case case --exhibit 1
first=case/1/carve-001
# Every second recovered file is known, by MD5 and SHA-256; some of them by a category.
(cd $first && find recovered -type f | sort | awk 'NR % 2' | xargs hashdeep -l) >half
grep -c -v '^[%#]' half
grep -v '^[%#]' half | cut -d, -f4 | sed 's/^\.\///' | sort >half.names
(cd $first && find recovered -name '*.jpg' | sort | xargs sha1sum) >pictures.sha1
jq -Rn '[inputs | .[0:40] | ascii_upcase | {MediaID: 1, Category: 3, SHA1: .}]' pictures.sha1 >vics.json
athar known half -o half.set -q
say athar carve case --known half.set --known vics.json | grep -E '^  (Known|Not looked|Items)|^exit'
second=case/1/carve-002
# The judge: hashdeep finds the same files in its own list.
(cd $second && find recovered -type f | sort | xargs hashdeep -l -m -k ../../../half) | sed 's/^\.\///' | sort >judged
jq -r 'select(any(.known[]?; .list == "half.set")) | .file' $second/items.jsonl | sort >marked
diff judged marked && wc -l <marked | tr -d ' '
diff half.names marked | head -n 3
jq -c 'select(.known) | [.type, (.known | map([.list, .category]))]' $second/items.jsonl | sort | uniq -c | sed 's/^ *//'
jq -c '.known | .skip, .compared, .matched, .not_compared, (.lists[] | [.name, .format, .algorithms, .entries, .unread, .matches])' $second/run.json
jq -r '.known.lists[].sha256' $second/run.json >recorded
sha256sum half.set vics.json | cut -c1-64 | diff - recorded
# SHA-1 is there because a list needs it, and is right.
jq -r 'select(.file and .hashes.sha1) | "\(.hashes.sha1)  \(.file)"' $second/items.jsonl >sums
(cd $second && sha1sum -c --quiet ../../../sums && wc -l <../../../sums | tr -d ' ')
jq -s 'map(select(.hashes.sha1)) | length' $first/items.jsonl
# What is skipped is listed, has its hashes, and is not written.
quietly 0 athar carve case --known half --skip-known
third=case/1/carve-003
diff <(jq -c 'select(.known) | [.hashes.sha256, .file]' $third/items.jsonl | sort) \
  <(grep -v '^[%#]' half | cut -d, -f3 | sed 's/.*/["&",null]/' | sort)
jq -r 'select(.known == null and .file) | .file' $third/items.jsonl | sort >left
(cd $third && find recovered -type f | sort) | diff - left
(cd $third && sha256sum -c --quiet manifest.sha256 && grep -c recovered manifest.sha256)
jq -c 'select(.known | not) | del(.run, .file, .known, .item)' $third/items.jsonl >a
jq -c 'select(any(.known[]?; .list == "half.set") | not) | del(.run, .file, .known, .item, .hashes.sha1)' $second/items.jsonl | diff - a | head -n 3
# The report counts, and names no hash of the list but that of the list itself.
athar report case -o - 2>/dev/null | sed -n '/Known files/,/in at least/p' | grep -E 'half|vics|looked|least' | sed 's/  */ /g'
# Mistakes.
one_line 2 athar carve case --skip-known
one_line 2 athar carve case --known half --list-only
one_line 4 athar carve case --known practice.img
one_line 4 athar carve case --known absent
find case/1 -mindepth 1 -maxdepth 1 | sort
# The same for any number of workers.
quietly 0 athar carve case --known half.set --known vics.json -j 1
diff <(jq -c 'del(.run)' $second/items.jsonl) <(jq -c 'del(.run)' case/1/carve-004/items.jsonl)
find case -maxdepth 1 | sort
