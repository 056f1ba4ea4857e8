# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016,SC2001
# One sector of a medium after the other is changed; what verify says lies there is held against what
# debugfs and sleuthkit say of the same block.
needs jq sfdisk mkfs.vfat mkfs.ntfs mkfs.ext4 mcopy debugfs ntfscp ifind ffind istat openssl
needs_confinement
bytes 300000 >a.bin
bytes 20480 >b.bin
bytes 1300 >c.bin
truncate -s 16M fat.img
mkfs.vfat -F 16 -s 4 -n STICK fat.img >/dev/null
mcopy -i fat.img a.bin ::/a.bin
mmd -i fat.img ::/docs
mcopy -i fat.img b.bin "::/docs/long name.bin"
mcopy -i fat.img c.bin ::/gone.bin
mdel -i fat.img ::/gone.bin
truncate -s 8M ntfs.img
mkfs.ntfs -q -F -c 4096 ntfs.img >/dev/null 2>&1
ntfscp -q ntfs.img a.bin a.bin
ntfscp -q ntfs.img b.bin b.bin
truncate -s 8M ext.img
mkfs.ext4 -q -b 4096 ext.img
for command in 'mkdir docs' 'write a.bin docs/a.bin' 'write b.bin b.bin' 'write c.bin c.bin'; do
  debugfs -w -R "$command" ext.img >/dev/null 2>&1
done
truncate -s 36M disk.img
printf 'label: dos\nstart=2048,size=32768,type=6\nstart=34816,size=16384,type=7\nstart=51200,size=16384,type=83\n' |
  sfdisk -q disk.img
for part in fat:2048 ntfs:34816 ext:51200; do
  dd if=${part%:*}.img of=disk.img bs=512 seek="${part#*:}" conv=notrunc status=none
done

# said SECTOR: what verify says lies in this sector of the disk.
said() {
  cp disk.img changed.img
  flip changed.img $(($1 * 512 + 17))
  quietly 1 athar verify changed.img --against disk.img
  athar verify changed.img --against disk.img --json 2>/dev/null |
    jq -r 'select(.kind == "against") | .places[] |
      "\(.kind) \(.volume // "-") \(.file_system // "-") \(.path // "-") \(.state // "-") \(.from // "-")"'
}

# Sleuthkit: from the block to the record, from the record to the name; sectors of FAT, clusters else.
tsk() {
  local meta
  meta=$(ifind -f "$1" -d "$3" "$2" | sed 's/-.*//')
  ffind -f "$1" "$2" "$meta" | head -n 1 | sed 's|^[* /]*||'
}
agree() {
  local expected=$1 got
  shift
  got=$(said "$1" | grep -E '^(file|slack) ' | cut -d' ' -f4- | sed 's/ [a-z]* [0-9]*$//')
  if [ "$got" = "$expected" ]; then echo "agree: $got"; else echo "not $expected: $got"; fi
}

sector_of() { istat -f fat16 fat.img "$(ifind -f fat16 -n "$1" fat.img)" | grep -A1 '^Sectors' | tail -n 1 | cut -d' ' -f"$2"; }
for name in a.bin 'docs/long name.bin'; do
  s=$(sector_of "$name" 3)
  agree "$(tsk fat16 fat.img "$s")" $((2048 + s))
done
for name in a.bin b.bin; do
  meta=$(ifind -f ntfs -n $name ntfs.img)
  c=$(istat -f ntfs ntfs.img "$meta" | grep -A1 'Type: \$DATA' | tail -n 1 | cut -d' ' -f2)
  agree "$(tsk ntfs ntfs.img "$c")" $((34816 + c * 8 + 3))
done
# debugfs: from the block to the inode (icheck), from the inode to the name (ncheck).
for name in docs/a.bin b.bin c.bin; do
  block=$(debugfs -R "blocks /$name" ext.img 2>/dev/null | cut -d' ' -f1)
  inode=$(debugfs -R "icheck $block" ext.img 2>/dev/null | awk 'NR == 2 { print $2 }')
  path=$(debugfs -R "ncheck $inode" ext.img 2>/dev/null | awk 'NR == 2 { print $2 }')
  agree "$(echo "$path" | sed 's|^/*||')" $((51200 + block * 8))
done
echo 'the rest of the last block of c.bin (1300 bytes), fourth sector'
said $((51200 + block * 8 + 3))
echo 'third file system: its inode table, a folder, a block that debugfs calls free'
table=$(debugfs -R stats ext.img 2>/dev/null | sed -n 's/.*inode table at \([0-9]*\).*/\1/p')
said $((51200 + table * 8))
folder=$(debugfs -R 'blocks /docs' ext.img 2>/dev/null | cut -d' ' -f1)
said $((51200 + folder * 8))
debugfs -R 'testb 1900' ext.img 2>/dev/null
said $((51200 + 1900 * 8))
echo 'FAT: the first copy of its table; what was deleted'
said 2049
s=$(fls -f fat16 -d fat.img | awk '{ print $3 }' | tr -d :)
s=$(istat -f fat16 fat.img "$s" | grep -A1 -i sectors: | tail -n 1 | cut -d' ' -f1)
said $((2048 + s))
echo 'before the first partition, and behind the last'
said 5
said 69000
# As a terminal gets it, with a name that would turn it red.
echo 'as text'
mkdir tree
cp b.bin "tree/$(printf 'a\033[31m\nb.bin')"
truncate -s 8M odd.img
mkfs.ext4 -q -b 4096 -d tree odd.img
inode=$(debugfs -R 'ls -p /' odd.img 2>/dev/null | tr '\n' ' ' | grep -o '/[0-9]*/[0-9]*/[0-9]*/[0-9]*/a' | cut -d/ -f2)
block=$(debugfs -R "blocks <$inode>" odd.img 2>/dev/null | cut -d' ' -f1)
cp odd.img changed.img
flip changed.img $((block * 4096 + 5000))
athar verify changed.img --against odd.img 2>/dev/null | grep -v SHA-256
