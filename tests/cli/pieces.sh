# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For the tests named after the carving cases of the field: files laid out in an image, and what of them came back.
layout=$(dirname "$(command -v athar)")/tests/support/layout
samples=$ATHAR_SOURCE/testdata/formats

# pieces SCENARIO BLOCK SEED... -- NAME...: carves an image a seed and says how many of the files are there bit for
# bit, how many of the outputs graded intact or complete are none of them, and what was joined.
pieces() {
  local scenario=$1 block=$2 seed seeds=() files=() n=0
  shift 2
  [ -x "$layout" ] || { echo "layout is not built: skipped" >&2; exit 77; }
  while [ "$1" != -- ]; do seeds+=("$1") && shift; done
  shift
  for name; do files+=("$samples/$name"); done
  sha256sum "${files[@]}" | cut -c1-64 | sort >wanted
  : >got
  for seed in "${seeds[@]}"; do
    "$layout" image.img truth.tsv "$seed" "$block" "$scenario" "${files[@]}" || exit 1
    quietly 0 athar carve image.img --case "case-$scenario" --exhibit "$seed" --method content,fragments -y
    jq -r 'select(.grade == "intact" or .grade == "complete") | "\(.hashes.sha256) \(.method)"' \
      "case-$scenario/$seed/carve-001/items.jsonl" >>got
    n=$((n + ${#files[@]}))
    rm image.img
  done
  printf '%s, blocks of %s: %s of %s files' "$scenario" "$block" "$(cut -d' ' -f1 got | grep -cxF -f wanted)" "$n"
  printf ', %s of them joined' "$(grep -F -f wanted got | grep -c fragments)"
  printf ', %s wrong\n' "$(cut -d' ' -f1 got | grep -vcxF -f wanted)"
}
