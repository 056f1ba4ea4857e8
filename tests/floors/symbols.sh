#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# symbols.sh SOURCE LIBRARY: the library shows what the public headers declare, and nothing else.
set -u
shown=$(nm -D --defined-only "$2" | awk '{print $3}' | sort -u)
declared=$(cat "$1"/include/athar/*.h | tr '\n' ' ' | grep -o 'ATHAR_API[^;]*;' |
  grep -o 'athar_[a-z0-9_]*(' | tr -d '(' | sort -u)
bad=0
for name in $shown; do
  grep -qx "$name" <<<"$declared" || { echo "$name is visible and not declared in include/athar"; bad=1; }
done
for name in $declared; do
  grep -qx "$name" <<<"$shown" || { echo "$name is declared and not in the library"; bad=1; }
done
[ "$bad" -eq 0 ] && [ "$(wc -l <<<"$shown")" -gt 50 ]
