# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What one run has only listed, another takes out: the same bytes, the same grades.
needs jq xz
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
quietly 0 athar carve practice.img --case case --exhibit 1 --grade partial
quietly 0 athar carve case --list-only
whole=case/1/carve-001 listed=case/1/carve-002 later=case/1/carve-003
jq -r 'select(.file != null) | .file' $listed/items.jsonl
numbers=$(jq -r .item $listed/items.jsonl | paste -sd,)
quietly 0 athar carve case --extract "$numbers"
facts='[.grade, .why, .path, .size, .extents, .times, .hashes.sha256]'
diff <(jq -c "select(.file != null) | $facts" $whole/items.jsonl | sort) \
  <(jq -c "select(.file != null) | $facts" $later/items.jsonl | sort) | head
(cd $later && sha256sum -c --quiet manifest.sha256)
jq -c '[.extract == "'"$numbers"'", .of_run]' $later/run.json
# Some of an older run.
quietly 0 athar carve case --run carve-002 --extract 2-4
jq -r .item case/1/carve-004/items.jsonl | paste -sd,
athar carve case --extract 4000
echo "exit $?"
athar carve case --extract some
echo "exit $?"
athar carve case --run carve-001
echo "exit $?"
athar verify case -q
echo "exit $?"
