# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# A partition with NTFS, 20 % full, its files all over it, on a drive that dies after 40 % of its surface was
# read: with --first metadata,allocated all that lives was read before.
needs_disk
needs openssl jq mkntfs ntfs-3g sfdisk blkls ddrescuelog
needs_confinement

start=2048
truncate -s 127M volume
mkntfs -q -F -f -p $start -s 512 volume >mkntfs.txt 2>&1 || fail "mkntfs: $(cat mkntfs.txt)"
mkdir inside
ntfs-3g volume inside 2>ntfs.txt || skip "ntfs-3g does not mount: $(cat ntfs.txt)"
mounts+=("$PWD/inside")
for ((i = 0; i < 110; i++)); do bytes 1000000 "$i" >"inside/file $i"; done
for ((i = 0; i < 110; i++)); do ((i % 5 == 0)) || rm "inside/file $i"; done
umount inside
unset 'mounts[-1]'
truncate -s 128M back
echo "start=$start, type=7" | sfdisk -q back
dd if=volume of=back bs=512 seek=$start conv=notrunc status=none

# Clusters in use, by the sleuthkit, as bytes of the disk: offset, length.
cluster=$(fsstat -f ntfs -o $start back | sed -n 's/^Cluster Size: //p')
blkls -a -f ntfs -o $start -l back | awk -F'|' '$2 == "a" { print $1 }' >in_use
awk -v c="$cluster" -v s=$((start * 512)) '
  $1 == last + 1 && n { len += c; last = $1; next }
  n { print off, len }
  { off = s + $1 * c; len = c; last = $1; n = 1 }
  END { print off, len }' in_use >allocated
used=$(awk '{ n += $2 } END { print n }' allocated)
at_least 'bytes in use' $((20 << 20)) "$used"
at_most 'bytes in use' $((32 << 20)) "$used"
# They are not all in the part that a reader from the front would have seen.
at_least 'the last byte in use' $((96 << 20)) "$(tail -n 1 allocated | cut -d' ' -f1)"

echo 'dies bytes 53687091' >faults
for format in ewf raw; do
  make_disk back faults
  acquire 4 "$format" --format "$format" --rescue --first metadata,allocated
  nothing_claimed "$format"
  map=$case/$format.partial/$format.map
  missing=0
  while read -r offset length; do
    # What of the range the map does not have.
    missing=$((missing + length - $(grep -v '^#' "$map" | tail -n +2 | while read -r o l state; do
      [ "$state" = + ] && echo $((o)) $((o + l))
    done | awk -v a="$offset" -v b=$((offset + length)) '{ lo = $1 > a ? $1 : a; hi = $2 < b ? $2 : b
      if (lo < hi) sum += hi - lo } END { printf "%d", sum }')))
  done <allocated
  same 'bytes in use that were not read' 0 "$missing"
  cut -d' ' -f1 allocated | while read -r offset; do
    [ "$format" = ewf ] || cmp -s -n 4096 -i "$offset:$offset" back "$case/raw.partial/raw.dd" ||
      fail "the bytes at $offset are not the disk's"
  done || exit 1
  shown "--format $format --first metadata,allocated: all $used bytes in use were read before the drive died"
  # The rest when it is back.
  rm "$control/dead"
  acquire 0 "$format" --format "$format" --rescue --first metadata,allocated --resume
  judge "$format" back
  drop_disk
done
