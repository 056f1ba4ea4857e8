# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# --tree: links under the recorded paths; --set-times: the time of the last change. What counts are
# the numbered files.
needs jq
needs_confinement
sample ntfs
quietly 0 athar carve ntfs.img --case c --exhibit 1 --tree --set-times
cd c/1/carve-001 || exit 1
find tree -type l | sort | head -n 3
find tree -type l ! -exec test -e {} \; -print
jq -r 'select(.file != null and .method != "embedded") | [.path, .file] | @tsv' items.jsonl | while IFS=$'\t' read -r path file; do
  cmp "tree/volume-0/$path" "$file"
done
jq -r 'select(.file != null and .method != "embedded") | [.file, ([.times[] | select(.meaning == "modified")][0].unix)] | @tsv' items.jsonl |
  while IFS=$'\t' read -r file time; do [ "$(stat -c %Y "$file")" = "$time" ] || echo "$file has another time"; done
sha256sum --quiet -c manifest.sha256
cd ../../..
one_line 2 athar carve c --tree --list-only
