# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs mformat mcopy mdel jq openssl
needs_confinement
export MTOOLS_SKIP_CHECK=1
head -c 2097152 /dev/zero >fat.img
mformat -i fat.img -t 64 -h 1 -s 64 -v STICK ::
bytes 30000 >kept.bin
bytes 40000 | tail -c 2043 >letter.bin
mcopy -i fat.img kept.bin letter.bin ::
mdel -i fat.img ::letter.bin
gif | dd of=fat.img bs=512 seek=3000 conv=notrunc status=none
quietly 0 athar acquire fat.img --case case --exhibit 1
athar carve --list-types -q | grep -c '^gif '
athar carve case >out 2>err
echo "exit $?"
grep -E '^  (Exhibit|Run|Volumes|Not examined)' out
run=case/1/carve-001
jq -r '[.method, .state, .grade, .type, .path, .size, .extents[0].at] | @csv' $run/items.jsonl
# Each recovered file is what the item says, and what was deleted.
(cd $run && sha256sum --quiet -c manifest.sha256)
n=$(jq -r 'select(.method == "metadata") | .item' $run/items.jsonl | head -n 1)
athar cat case --item "$n" -q | cmp - letter.bin
# The second run has its own number; a list writes no files.
athar carve case --list-only >out 2>err
echo "exit $?, $(wc -l <out) items"
awk '$4 == "deleted" { print $2, $3, $5, $7 }' out
find case/1 -maxdepth 1 -name "carve*" | sort
ls case/1/carve-002/recovered 2>/dev/null
# An image that is in no case yet.
quietly 0 athar carve fat.img --case fresh --exhibit 9 --method content --type gif
# Without one there is no place for the results.
say athar carve fat.img
say athar carve case --case fresh
say athar carve case --type frobnicate
