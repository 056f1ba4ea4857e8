#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# score.sh [--pointed|--in-one-piece] NAME...: carves seed volumes of testdata/undelete (ext4-1 ...) in the current folder
# and says what came back, by their truth. Exit 0: together they reach the bars.
#
#   recall     of the deleted files that are there whole: those that came back bit for bit, in percent.
#              --pointed counts only files that something in the image still points at, --in-one-piece
#              only those that lie in one.
#   precision  of what is graded intact or complete: those that are some state of some file, in percent.
#   names      of what came back: those with the last component of their path.
#
# A NAME that ends in -twin is a volume where nothing was deleted: there the bar is no item at all that
# is graded intact or complete and said to be deleted (unknown, where no file system is read, is not).
# Bars: SCORE_RECALL (95), SCORE_PRECISION (98).
# SCORE_SEEDS: another folder, with NAME.img or NAME.img.xz and NAME.truth.tsv.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
seeds=${SCORE_SEEDS:-$here/../../testdata/undelete}
recall=${SCORE_RECALL:-95} precision=${SCORE_PRECISION:-98}
pointed='' single=false
case ${1:-} in
--pointed) pointed=yes && shift ;;
--in-one-piece) single=true && shift ;;
esac

# numbers NAME: carves it and writes the lines of score.jq.
numbers() {
  local name=$1 image=$1.img fat=false
  if [ -e "$seeds/$name.img.xz" ]; then
    xz -dc "$seeds/$name.img.xz" >"$image"
  else
    image=$seeds/$name.img
  fi
  case $name in fat32-*) fat=true ;; esac
  rm -rf "score-$name"
  athar carve "$image" --grade partial --case "score-$name" --exhibit 1 >"score-$name.out" 2>&1 || {
    local status=$?
    # 3: something could not be examined; the findings tell what.
    [ "$status" -eq 3 ] || { cat "score-$name.out"; return "$status"; }
  }
  jq -n -r --arg seed "$name" --argjson fat "$fat" --argjson single "$single" --rawfile truth "$seeds/$name.truth.tsv" \
    -f "$here/score.jq" "score-$name/1/carve-001/items.jsonl"
  [ "$image" != "$name.img" ] || rm -f "$image"
}

sums=(0 0 0 0 0 0 0 0 0) twins=0
for name; do
  lines=$(numbers "$name") || { printf '%s\n' "$lines"; exit 4; }
  read -r -a n <<<"$(sed -n 's/^NUMBERS //p' <<<"$lines")"
  grep -v '^NUMBERS ' <<<"$lines"
  case $name in
    *-twin)
      twins=$((twins + n[9]))
      [ "${n[9]}" -eq 0 ] || echo "$name: ${n[9]} items graded intact or complete where nothing was deleted"
      ;;
    *) for i in "${!sums[@]}"; do sums[i]=$((sums[i] + n[i])); done ;;
  esac
done

# tenths PART WHOLE: in tenths of a percent, cut off.
tenths() { [ "$2" -eq 0 ] && echo 1000 || echo $(($1 * 1000 / $2)); }
percent() { echo "$(($1 / 10)).$(($1 % 10))"; }
physical=$(tenths "${sums[1]}" "${sums[0]}") reachable=$(tenths "${sums[4]}" "${sums[3]}")
precise=$(tenths $((sums[7] - sums[8])) "${sums[7]}")
echo "sum: whole ${sums[0]}, back ${sums[1]}, named ${sums[2]}; recall $(percent "$physical") %," \
  "of what is pointed at $(percent "$reachable") % (${sums[4]} of ${sums[3]}); earlier ${sums[6]} of ${sums[5]};" \
  "top grades ${sums[7]}, wrong ${sums[8]}, precision $(percent "$precise") %"
held=$physical
[ -z "$pointed" ] || held=$reachable
[ "$held" -ge $((recall * 10)) ] && [ "$precise" -ge $((precision * 10)) ] && [ "$twins" -eq 0 ]
