# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Thumbnails in deleted files, with the state and under the path of those files.
needs jq unzip exiftool
needs_confinement
sample ntfs
originals=/usr/share/forensics-samples/original-files
quietly 0 athar carve ntfs.img --case c --exhibit 1
items=c/1/carve-001/items.jsonl
jq -r 'select(.method == "embedded") | [.state, .volume, .path] | @tsv' $items | sort
jq -r 'select(.method == "embedded") | [.item, .hashes.sha256, .path] | @tsv' $items | while IFS=$'\t' read -r item hash path; do
  file=$originals/${path%%//*}
  case $path in
  *thumbnail.png) made=$(unzip -p "$file" Thumbnails/thumbnail.png | hash_of sha256sum) ;;
  *) made=$(exiftool -b -ThumbnailImage "$file" | hash_of sha256sum) ;;
  esac
  [ "$hash" = "$made" ] || echo "$path is something else"
  [ "$(athar cat c --item "$item" -q | hash_of sha256sum)" = "$hash" ] || echo "item $item differs"
done
# The container is an item, and holds what it is said to hold.
jq -r 'select(.method == "embedded") | [.via[0].item, (.path | sub("//.*"; ""))] | @tsv' $items | while IFS=$'\t' read -r item path; do
  [ "$(jq -r "select(.item == $item) | .path" $items)" = "$path" ] || echo "item $item is not $path"
done
