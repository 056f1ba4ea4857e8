# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs mandoc
for page in "$ATHAR_SOURCE"/man/*.[1-9]; do
  mandoc -Tlint -Wwarning "$page" | sed 's,.*/,,'
  for section in NAME DESCRIPTION; do
    grep -q "^\.Sh $section" "$page" || echo "$(basename "$page"): no $section"
  done
  case $page in
  *.1)
    grep -q '^\.Sh EXIT STATUS' "$page" || echo "$(basename "$page"): no EXIT STATUS"
    ;;
  esac
done
