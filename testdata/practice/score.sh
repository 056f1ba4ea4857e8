#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# score.sh CASE/EXHIBIT/carve-NNN: what a carve run gave back of the practice exhibit, by its key.
# Exit 0: every recoverable file is there, and nothing that is called whole is wrong.
# What is inside of its files has no key.
set -eu
here=$(dirname "$0")
key=$here/key.json
items=${1:?usage: score.sh CASE/EXHIBIT/carve-NNN}/items.jsonl

result=$(jq -r -s --slurpfile key "$key" '
  . as $items
  | ($key[0].files | map({(.sha256): .}) | add) as $known
  | ($items | map(select(.method != "embedded" and (.grade == "intact" or .grade == "complete")))) as $whole
  | ($whole | map(.hashes.sha256)) as $given
  | [$key[0].files[] | select(.expect == "metadata" or .expect == "content")] as $want
  | ($want | map(select(.sha256 as $h | $given | index($h) | not))) as $unproven
  | ($items | map(.hashes.sha256)) as $all
  | [$key[0].files[] | select(.expect == "assumed")] as $assumed
  | ($unproven + ($assumed | map(select(.sha256 as $h | $all | index($h) | not)))) as $missing
  | ($whole | map(select(.size > 0 and ($known[.hashes.sha256] == null)))) as $wrong
  | ($whole | map(select($known[.hashes.sha256].expect | . == "partial" or . == "assumed"))) as $overrated
  | (["metadata", "content"] | map(. as $e
      | ($want | map(select(.expect == $e))) as $w
      | "\($e): \($w | map(select(.sha256 as $h | $given | index($h))) | length) of \($w | length) recovered")[]),
    "assumed: \($assumed | map(select(.sha256 as $h | $all | index($h))) | length) of \($assumed | length) recovered",
    ($missing[] | "MISSING \(.volume): \(.path)"),
    ($wrong[] | "WRONG item \(.number // .item): \(.grade), but no file of the exhibit has these bytes"),
    ($overrated[] | "WRONG item \(.number // .item): called \(.grade), but that cannot be proven of it"),
    "whole items: \($whole | length), wrong: \(($wrong | length) + ($overrated | length)), missing: \($missing | length)"
' "$items")
printf '%s\n' "$result"
printf '%s\n' "$result" | grep -q '^whole items: [0-9]*, wrong: 0, missing: 0$'
