# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# The process that knows the files is killed while the image is read: one row says so, and the rest of
# the answer is what it was.
needs openssl ps mkfs.ext4 debugfs
needs_confinement
bytes 40000 >a.bin
truncate -s 300M disk.img
mkfs.ext4 -q -b 4096 disk.img
debugfs -w -R 'write a.bin a.bin' disk.img >/dev/null 2>&1
block=$(debugfs -R 'blocks /a.bin' disk.img 2>/dev/null | cut -d' ' -f1)
cp disk.img changed.img
flip changed.img $((block * 4096 + 5))
athar verify changed.img --against disk.img >whole 2>err
echo "exit $?"
athar verify changed.img --against disk.img >out 2>err &
pid=$!
for _ in $(seq 200); do
  child=$(ps -o pid= --ppid $pid | tail -n 1 | tr -d ' ')
  [ -n "$child" ] && sleep 0.05 && kill -9 "$child" && break
  sleep 0.02
done
wait $pid
echo "exit $?"
grep -c 'a.bin: 512 bytes of 40000, from byte 0' whole
grep -c a.bin out
sed 's/  */ /g' out | grep 'could not be checked'
diff <(grep -v '^      \|^  Files' whole) <(grep -v '^      \|could not' out) && echo 'the rest is the same'
