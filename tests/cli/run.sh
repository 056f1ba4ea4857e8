#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh [--record] NAME: runs tests/cli/NAME.sh and compares what it wrote with NAME.stdout and
# NAME.stderr (exact; absent means empty), or with NAME.stdout.glob and NAME.stderr.glob (each line
# a shell pattern), and its status with NAME.exit (absent means 0; 77 skips).
#
# A test runs in a folder of its own, with athar first in PATH, no terminal, no locale, and a fixed
# clock. ATHAR_BUILD names the folder of the program (build/). --record writes down what came, for
# review.
set -u
here=$(cd "$(dirname "$0")" && pwd)
record=
if [ "$1" = --record ]; then
  record=yes
  shift
fi
name=${1%.sh}
build=${ATHAR_BUILD:-$here/../../build}
if [ ! -x "$build/athar" ]; then
  echo "there is no $build/athar: ATHAR_BUILD names the folder of the program"
  exit 1
fi

work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
mkdir "$work/home" "$work/here"
cd "$work/here" || exit 1

env -i PATH="$build:$PATH" HOME="$work/home" TMPDIR="$work/home" SOURCE_DATE_EPOCH=1700000000 \
  ATHAR_SOURCE="$here/../.." ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
  bash -u -c ". '$here/common.sh'; . '$here/$name.sh'" \
  </dev/null >"$work/stdout" 2>"$work/stderr"
status=$?

if [ "$status" -eq 77 ]; then
  cat "$work/stderr"
  exit 77
fi

if [ -n "$record" ]; then
  for stream in stdout stderr; do
    rm -f "$here/$name.$stream"
    [ -e "$here/$name.$stream.glob" ] && continue
    [ -s "$work/$stream" ] && cp "$work/$stream" "$here/$name.$stream"
  done
  rm -f "$here/$name.exit"
  [ "$status" -ne 0 ] && echo "$status" >"$here/$name.exit"
fi

# Every line of $2 follows the pattern in the same line of $1.
lines_match() {
  local pattern line
  exec 3<"$1" 4<"$2"
  while IFS= read -r pattern <&3; do
    IFS= read -r line <&4 || { echo "missing: $pattern"; return 1; }
    # shellcheck disable=SC2053
    [[ $line == $pattern ]] || { printf 'pattern: %s\nline:    %s\n' "$pattern" "$line"; return 1; }
  done
  IFS= read -r line <&4 && { echo "one line too many: $line"; return 1; }
  return 0
}

failed=0
for stream in stdout stderr; do
  if [ -e "$here/$name.$stream.glob" ]; then
    lines_match "$here/$name.$stream.glob" "$work/$stream" || failed=1
  elif [ -e "$here/$name.$stream" ]; then
    diff -u "$here/$name.$stream" "$work/$stream" || failed=1
  elif [ -s "$work/$stream" ]; then
    echo "unexpected $stream:"
    failed=1
  fi
done
expected=0
[ -e "$here/$name.exit" ] && expected=$(cat "$here/$name.exit")
if [ "$status" -ne "$expected" ]; then
  echo "exit status $status, not $expected"
  failed=1
fi
if [ "$failed" -ne 0 ]; then
  echo "---- stdout"; cat "$work/stdout"
  echo "---- stderr"; cat "$work/stderr"
fi
exit "$failed"
