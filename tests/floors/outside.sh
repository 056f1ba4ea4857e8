#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# outside.sh SOURCE: each outside library is named in its one place.
set -u
cd "$1" || exit 1
bad=0

# only PATTERN PLACE...: no #include that matches stands outside the places, and one stands in each.
only() {
  local pattern=$1 found place
  shift
  found=$(grep -rlE "#[[:space:]]*include[[:space:]]*<$pattern" lib cmd include || true)
  for place in "$@"; do
    grep -q "^$place" <<<"$found" || { echo "<$pattern> is not named in $place any more"; bad=1; }
    found=$(grep -v "^$place" <<<"$found")
  done
  [ -z "$found" ] || { echo "<$pattern> is named in $found"; bad=1; }
}

only 'libewf' lib/image/
only 'tsk/' lib/volume/
only 'openssl/' lib/digest/
only 'jansson' lib/base/json
only 'pthread' lib/pipe/ lib/rescue/watchdog
only '(isa-l|igzip_lib|isal)' lib/inflate/
only 'zlib' lib/inflate/
only 'lz4' lib/inflate/
only 'zstd' lib/inflate/
only 'libxml/' lib/report/
only 'seccomp' lib/jail/
only 'sqlite3' lib/digest/hash_list_sqlite
only 'linux/landlock' lib/jail/

# The command sees the public headers and its own, nothing of lib/.
if grep -rhE '#[[:space:]]*include[[:space:]]*"' cmd | grep -vE '"athar/[a-z]+\.h"' | sed 's/.*"\(.*\)".*/\1/' |
  sort -u | while read -r h; do [ -f "cmd/$h" ] || echo "cmd includes $h"; done | grep .; then bad=1; fi
exit "$bad"
