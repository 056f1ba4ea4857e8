# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl hashdeep b2sum ewfacquire
needs_confinement
bytes 1999872 >disk.img
quietly 0 ewfacquire -u -q -c fast -S 1073741824 -t disk disk.img
bytes 3000000 | tail -c 1999872 >other.img
try() {
  athar verify "$@" >out 2>err
  echo "exit $?"
  rows out '[a-zD]' | grep -v 'image stored\|other stored'
}
# Hashes of every length; the two that are equally long.
for tool in md5sum sha1sum sha256sum sha512sum b2sum; do
  quietly 0 athar verify disk.img --against "$(hash_of $tool <disk.img)"
  quietly 1 athar verify disk.img --against "$(hash_of $tool <other.img)"
  $tool disk.img other.img >list
  quietly 0 athar verify disk.img --against list
  quietly 0 athar verify other.img --against list
  $tool --tag disk.img >list
  quietly 0 athar verify disk.img --against list
  quietly 1 athar verify other.img --against list
done
hashdeep -c md5,sha1,sha256 disk.img other.img >deep
quietly 0 athar verify disk.img --against deep
sed 's/^\([0-9]*,[0-9a-f]*,\)..../\10000/' deep >changed
echo 'hashdeep, one of three hashes changed'
try disk.img --against changed
echo 'a list of other files'
{ cat other.img other.img | sha256sum; echo; sha256sum other.img; } >list
try disk.img --against list
echo 'a list of the files of an image'
sha256sum disk.E01 >list
try disk.E01 --against list
echo 'another image'
cp disk.img changed.img
printf 'X' | dd of=changed.img bs=1 seek=600000 conv=notrunc status=none
try changed.img --against disk.E01
try disk.E01 --against changed.img
head -c 1999360 disk.img >shorter.img
try shorter.img --against disk.E01
# Several at once, in several places, through a link.
mkdir here there
cp disk.img here/a.img
cp disk.img there/b.img
ln -s ../there/b.img here/link.img
quietly 0 athar verify here/a.img there/b.img here/link.img disk.E01 --against disk.img
quietly 4 athar verify here/a.img absent.img --against disk.img
one_line 4 athar verify here/a.img --against absent
