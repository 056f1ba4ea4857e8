#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What a machine can see in the sources. Each check prints what it found; the last line counts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
bad=0

# check NAME COMMAND...: passes when the command prints nothing and succeeds.
check() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1) && [ -z "$out" ]; then
    printf 'ok    %s\n' "$name"
  else
    printf 'BAD   %s\n%s\n' "$name" "$out" | head -n 60
    bad=$((bad + 1))
  fi
}

sources() { git ls-files -- '*.c' '*.h'; }
scripts() { git ls-files -- dev .ci/run '*.sh'; }

format() { sources | xargs -r clang-format --dry-run -Werror; }
shell() { scripts | xargs -r shellcheck; }
spelling() { git ls-files -- '*.c' '*.h' '*.md' 'man/*' | xargs -r codespell -q 3 -L nd,ser,csae,nwe,nax,trun,flate; }
manuals() { git ls-files -- 'man/*' | xargs -r mandoc -Tlint -Wwarning; }

licence() {
  { sources; scripts; git ls-files -- '*.cmake' '*CMakeLists.txt' '*.py'; } | while read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || echo "$file: no licence line"
  done
}

# The models' functions have 10 to 19 lines; past 60 one does two things.
lengths() {
  sources | while read -r file; do
    awk -v file="$file" '
      /^\{/ { start = FNR }
      /^\}/ { if (start && FNR - start > 60) print file ":" start ": a function of " FNR - start " lines"
              start = 0 }' "$file"
    lines=$(wc -l <"$file")
    case $file in tests/*) most=800 ;; *) most=600 ;; esac
    [ "$lines" -le "$most" ] || echo "$file: $lines lines"
  done
}

loose_ends() { sources | xargs -r grep -nE 'TODO|FIXME|\bXXX\b|[nN]ot (yet )?implemented' || true; }

# Nothing in lib/ prints, exits, or reads clock, locale or environment.
quiet_library() {
  git ls-files -- 'lib/*.c' | xargs -r grep -nE \
    '(^|[^a-zA-Z_.])((v?printf|puts|perror|putchar|exit|abort|setlocale|getenv|time|gettimeofday|clock)\(|stdout|stderr)' |
    grep -vE '(^|:)\s*(/?\*|//)|" ?[^"]*(stdout|stderr)' | grep -v '^lib/jail/'
  true
}

check 'clang-format' format
check 'shellcheck' shell
check 'codespell' spelling
check 'man pages' manuals
check 'licence lines' licence
check 'lengths' lengths
check 'loose ends' loose_ends
check 'quiet library' quiet_library
if [ "$bad" -ne 0 ]; then
  printf 'lint: %d checks failed\n' "$bad"
  exit 1
fi
echo 'lint: all checks passed'
