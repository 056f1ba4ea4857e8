# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# The times in a body file are those that fls writes, and mactime makes a timeline of it.
needs fls mactime
needs_confinement
sample ntfs
quietly 0 athar carve ntfs.img --case c --exhibit 1
athar report c --format body -o - >ours 2>err
head -c 9 ours | head -n 1
times() { grep -v '^#' "$1" | grep "$2" | awk -F'|' '{print $8, $9, $10, $11}' | sort -u; }
fls -r -m / -o 2048 ntfs.img >theirs 2>err
for name in d-text.pdf IMG_20200124_231153.jpg; do
  diff <(times ours "$name (deleted)") <(times theirs "/$name (deleted)") && echo "$name: the same times"
done
mactime -b ours -z UTC -d >timeline 2>err
echo "mactime: $(grep -c 'd-text.pdf' timeline) lines of d-text.pdf"
# What could end a field or a line is escaped.
awk -F'|' '!/^#/ && NF != 11 {print "fields:", NF, $0}' ours
