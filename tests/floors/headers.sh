#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# headers.sh SOURCE CC CXX: every public header compiles alone, as C17 and as C++17, without a warning.
set -u
cd "$1" || exit 1
bad=0 count=0
for header in include/athar/*.h; do
  count=$((count + 1))
  "$2" -std=c17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c "$header" || bad=1
  "$3" -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ "$header" || bad=1
done
echo "$count headers"
[ "$bad" -eq 0 ] && [ "$count" -gt 10 ]
