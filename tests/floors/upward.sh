#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# upward.sh SOURCE BUILD CC: from every room, each room of its own or a higher floor cannot be included,
# and each lower one can.
set -u
source=$1 build=$2 cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
declare -A floor
while read -r room number; do floor[$room]=$number; done < <(
  grep -ho 'athar_room([a-z]* FLOOR [0-9]' "$source"/lib/*/CMakeLists.txt | sed 's/athar_room(//; s/FLOOR //')
bad=0 checked=0

includes() { # includes FROM TO
  printf '#if !__has_include("%s")\n#error no\n#endif\nint athar_nothing;\n' "$2/$3" >"$work/t.c"
  "$cc" -std=c17 -fsyntax-only -I "$source/include" -I "$build/floors/$1" "$work/t.c" 2>/dev/null
}

for from in "${!floor[@]}"; do
  for to in "${!floor[@]}"; do
    header=$(find "$source/lib/$to" -name '*.h' -printf './%f\n' | sort | head -n 1)
    if [ -z "$header" ] || [ "$from" = "$to" ]; then continue; fi
    checked=$((checked + 1))
    if [ "${floor[$to]}" -lt "${floor[$from]}" ]; then
      includes "$from" "$to" "${header#./}" || { echo "$from does not see $to below it"; bad=1; }
    else
      includes "$from" "$to" "${header#./}" && { echo "$from sees $to, which is not below it"; bad=1; }
    fi
  done
done
echo "$checked pairs of rooms"
[ "$bad" -eq 0 ] && [ "$checked" -ge 100 ]
