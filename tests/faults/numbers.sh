#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# numbers.sh [NAME...]: runs the tests of failing disks and prints only what they measured: `shown:` lines are
# athar's, `beside:` lines those of other tools on the same disk. Exit 1 when one of them failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bad=0
if [ $# -eq 0 ]; then
  mapfile -t tests < <(cd "$here" && ls ./*-*.sh)
else
  tests=("$@")
fi
for file in "${tests[@]}"; do
  name=$(basename "$file" .sh)
  printf '== %s\n' "$name"
  said=$("$here/run.sh" "$name" 2>&1)
  case $? in
  0) ;;
  77) said=$(grep '^skipped' <<<"$said") ;;
  *) bad=1 ;;
  esac
  grep -E '^(shown:|beside:|FAILED:|skipped:)' <<<"$said"
done
exit "$bad"
