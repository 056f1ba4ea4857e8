# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 2000000 >stick.img
sha256=$(sha256sum <stick.img | cut -c1-64)
# Against a hash, a list, another image.
quietly 0 athar verify stick.img --against "$sha256"
quietly 1 athar verify stick.img --against "${sha256%?????}00000"
sha256sum stick.img >sums
quietly 0 athar verify stick.img --against sums
cp stick.img copy.img
quietly 0 athar verify stick.img --against copy.img
printf X | dd of=copy.img bs=1 seek=1000000 conv=notrunc status=none
athar verify stick.img --against copy.img >out 2>err
echo "exit $?"
grep -c 'Damaged .*sector 1953' out
# With nothing to compare with it does not say yes.
athar verify stick.img >out 2>err
echo "exit $?"
grep -o 'nothing to compare with' out | head -n 1

# A raw exhibit with one byte changed, and a case whose log was changed.
quietly 0 athar acquire stick.img --case case --exhibit 1 --format raw
chmod u+w case/1/*
printf X | dd of=case/1/1.dd bs=1 seek=1000000 conv=notrunc status=none
athar verify case >out 2>err
echo "exit $?"
grep -c DIFFERS out | sed 's/[1-9][0-9]*/some differ/'
wc -l <err
quietly 0 athar case new other --number 1
quietly 0 athar verify other
sed -i 's/"1"/"2"/' other/case.json
quietly 1 athar verify other
