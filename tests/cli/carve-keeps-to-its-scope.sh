# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the authority does not allow is counted and not looked at; what is not good enough is listed.
needs jq xz
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
quietly 0 athar carve practice.img --case case --exhibit 1
all=$(jq -r 'select(.method == "metadata" or .method == "fragments") | .path' case/1/carve-001/items.jsonl | sort)
echo "listed without content: $(jq -r 'select(.file == null) | .grade' case/1/carve-001/items.jsonl | sort -u)"
one=$(printf '%s\n' "$all" | grep / | head -n 1)
folder=${one%%/*}
quietly 0 athar carve case --path "$folder"
jq -c '[.methods, .scope.path]' case/1/carve-002/run.json
[ "$(jq -r .path case/1/carve-002/items.jsonl | grep -vc "^$folder/")" = 0 ] || echo "something outside is listed"
quietly 0 athar carve case --exclude "$folder"
inside=$(jq -s length case/1/carve-002/items.jsonl) outside=$(jq -r 'select(.method != "embedded") | .item' case/1/carve-003/items.jsonl | wc -l)
[ "$inside" -gt 0 ] && [ "$outside" -gt 0 ] || echo "inside $inside, outside $outside"
[ "$(jq .scope.left_out case/1/carve-002/run.json)" -ge "$outside" ] || echo "what is outside is not counted"
jq -r .path case/1/carve-003/items.jsonl | grep "^$folder/"
quietly 0 athar carve case --to 1990-01-01
jq -s length case/1/carve-004/items.jsonl
athar carve case --from 2020-01-01 --method content
echo "exit $?"
athar carve case --from 2020-01-01 --to 2019-01-01
echo "exit $?"
# Much less than there is.
athar carve case --max-output 10k >/dev/null 2>err
echo "exit $?"
du -cb case/1/carve-005/recovered | tail -n 1 | awk '{ print ($1 < 40000) ? "small" : $1 }'
# All of the image: live files too, each in its state.
quietly 0 athar carve case --method content --whole
jq -r .state case/1/carve-006/items.jsonl | sort -u
