# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq
needs_confinement
bytes 5242880 >disk.img
quietly 0 athar acquire disk.img --case case --exhibit 1 --segment-size 1MiB --compression none
# One bit, about byte 3,700,000 of the medium: which sectors, in which file.
cp -r case flipped
printf '\001' | dd of=flipped/1/1.E04 bs=1 seek=500000 conv=notrunc status=none
athar verify flipped/1/1.E01 >out 2>err
echo "exit $?"
rows out DIFFERS
athar verify flipped >out 2>err
echo "case: exit $?"
rows out DIFFERS
# A part that was read but does not count: zeros where zeros were.
truncate -s 4M zeros.img
quietly 0 athar acquire zeros.img --case zeros --exhibit 1 --compression none --segment-size 1MiB
printf '\001' | dd of=zeros/1/1.E02 bs=1 seek=500000 conv=notrunc status=none
quietly 1 athar verify zeros/1/1.E01
# What is no image any more, or not whole.
cp -r case gap && rm gap/1/1.E03
say athar verify gap/1/1.E01
cp -r case short && truncate -s 700000 short/1/1.E05
say athar verify short/1/1.E01
quietly 1 athar verify gap
quietly 1 athar verify short
find . -name '*.partial'
