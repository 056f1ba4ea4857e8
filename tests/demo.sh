#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# demo.sh ATHAR: the practice exhibit from the evidence bag to the report.
set -euo pipefail
athar=$1
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/athar-demo-XXXXXX")
case=$work/case
image=$work/practice.img
loop=

cleanup() { [ -z "$loop" ] || losetup -d "$loop"; }
trap cleanup EXIT

show() {
  printf '\n$ athar'
  printf ' %q' "$@"
  printf '\n'
  "$athar" "$@"
}

xz -dc "$here/testdata/practice/practice.img.xz" >"$image"
source=$image
if [ "$(id -u)" -eq 0 ] && loop=$(losetup --find --show --read-only "$image" 2>/dev/null); then
  source=$loop
else
  loop=
fi

show case new "$case" --number 2026/117 --description 'Practice: what a card and a disk remember' \
  --examiner E-014 --examiner-name 'A. Examiner' --examiner-role examiner \
  --examiner-qualification 'digital forensics, 6 years' \
  --request-authority 'Public Prosecution' --request-number PP-2026-117 --request-date 2026-01-05 \
  --request-questions 'Which pictures and documents were deleted?' \
  --authority-type 'forensic warrant' --authority-number FW-2026-88 --authority-issuer 'Public Prosecution' \
  --authority-scope 'one disk' --authority-from 2026-01-01 --authority-to 2036-12-31 \
  --authority-jurisdiction Practice \
  --lab-name 'Practice Laboratory' --lab-address 'Room 7' --lab-accreditation 'none (practice)' \
  --time-zone +03:00
show acquire "$source" --case "$case" --exhibit 'AB/1 (م/٣)' --examiner E-014 \
  --description 'disk of 64 MiB from the practice bag' --notes 'made for practice' --seal 'S-0001, whole' \
  --condition 'without visible damage' --write-blocker 'read-only loop device'
show verify "$case"
show carve "$case" --grade partial --examiner E-014
run=$(ls -d "$case"/AB-1-*/carve-001)
printf '\n$ testdata/practice/score.sh %s\n' "$run"
"$here/testdata/practice/score.sh" "$run"
show verify "$case"
show report "$case" --format html --examiner E-014
printf '\nThe report: %s\n' "$(ls "$case"/reports/*.html)"
