# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the manual says is shown by a test is shown by one that is there and is run.
cd "$ATHAR_SOURCE" || exit
named=$(grep -rhoE 'tests/[a-z0-9_./-]+' man | sed 's/[.,]*$//' | sort -u)
[ "$(wc -l <<<"$named")" -ge 20 ] || echo "only these tests are named: $named"
while read -r path; do
  [ -e "$path" ] || echo "$path is not there"
  name=$(basename "${path%.*}")
  case $path in
  tests/cli/*.sh | tests/faults/*.sh | tests/unit/*.c | tests/fuzz/*.c)
    grep -qw -- "$name" "$(dirname "$path")/CMakeLists.txt" || echo "$path is not run"
    ;;
  esac
done <<<"$named"
# Each assertion is answered for: shown, not met, or not offered.
for kind in AM:10 AO:24; do
  for ((i = 1; i <= ${kind#*:}; i++)); do
    id=$(printf '%s-%02d' "${kind%:*}" "$i")
    grep -q "$id" man/athar-acquire.1 || echo "nothing is said of $id"
  done
done
