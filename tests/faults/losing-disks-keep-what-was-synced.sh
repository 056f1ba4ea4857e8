# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# The target of the tests of power cuts, judged by cp, dd, mv and sync (which fsyncs what it is given).
needs_fuse losing_disk
needs openssl

bytes 1000000 >data

# Nothing that was not synced is there, neither bytes nor names.
make_target
mkdir target/a
cp data target/a/never
same 'what is seen' a/never "$(cd target && find . -type f | cut -c3-)"
must 'it reads as written' cmp data target/a/never
same 'what is durable' '' "$(ls "$durable")"

# A name without bytes, bytes without a name, both.
sync target
same 'a folder whose name was synced is empty' a "$(cd "$durable" && find . -mindepth 1 | cut -c3-)"
sync target/a
same 'a name alone is an empty file' 0 "$(stat -c %s "$durable/a/never")"
sync target/a/never
must 'then its bytes' cmp data "$durable/a/never"
cp data target/a/nameless
sync target/a/nameless
[ ! -e "$durable/a/nameless" ] || fail 'the fsync of a file gave it a name'
sync target/a
must 'a name for bytes that were there' cmp data "$durable/a/nameless"

# A change after the fsync is not durable; nor is a file cut short.
printf 'changed' | dd of=target/a/never conv=notrunc status=none
must 'the old bytes' cmp data "$durable/a/never"
truncate -s 10 target/a/nameless
must 'the old length' cmp data "$durable/a/nameless"
sync target/a/nameless target/a/never
same 'the new length' 10 "$(stat -c %s "$durable/a/nameless")"
same 'the new bytes' changed "$(head -c 7 "$durable/a/never")"
must 'and all the others' cmp <(tail -c +8 data) <(tail -c +8 "$durable/a/never")
# Cut off, grown again: zeros, not what was there.
truncate -s 999999 target/a/nameless
truncate -s 0 target/a/never
truncate -s 1000000 target/a/never
sync target/a/nameless target/a/never
must 'a hole' cmp <(head -c 1000000 /dev/zero) "$durable/a/never"
same 'grown' 999999 "$(stat -c %s "$durable/a/nameless")"

# Names that change are durable with their folder.
mv target/a target/b
rm target/b/nameless
same 'the old names' 'a a/nameless a/never' "$(cd "$durable" && find . -mindepth 1 | cut -c3- | sort | xargs)"
sync target
same 'the new name of the folder' 'b b/nameless b/never' "$(cd "$durable" && find . -mindepth 1 | cut -c3- | sort | xargs)"
sync target/b
same 'the name is gone' 'b b/never' "$(cd "$durable" && find . -mindepth 1 | cut -c3- | sort | xargs)"
# A file that takes another's place, as saved files do.
cp data target/b/never.partial
sync target/b/never.partial
mv target/b/never.partial target/b/never
must 'the old file' cmp <(head -c 1000000 /dev/zero) "$durable/b/never"
sync target/b
must 'the new file' cmp data "$durable/b/never"
same 'one name' never "$(ls "$durable/b")"

# The power fails: with the N-th change, which is not made, and nothing goes on.
before=$(wc -l <"$changes")
echo $((before + 3)) >"$cut"
printf x | dd of=target/b/one conv=fsync status=none && fail 'a power cut goes unnoticed'
same 'where it came' "$((before + 3)) fsync /b/one (dark)" "$(tail -n 1 "$changes")"
cat target/b/never >/dev/null 2>&1 && fail 'it reads without power'
same 'what is durable then' never "$(ls "$durable/b")"
drop_target

# Torn: of the pages that were not synced some are there.
make_target
cp data target/torn
sync target/torn target
dd if=/dev/zero of=target/torn bs=1000000 count=1 conv=notrunc status=none
echo '1 torn 7' >"$cut"
touch target/more 2>/dev/null && fail 'a power cut goes unnoticed'
old=0 new=0
for ((page = 0; page < 244; page++)); do
  part=$(dd if="$durable/torn" bs=4096 skip=$page count=1 status=none | md5sum)
  if [ "$part" = "$(dd if=data bs=4096 skip=$page count=1 status=none | md5sum)" ]; then
    old=$((old + 1))
  elif [ "$part" = "$(head -c 4096 /dev/zero | md5sum)" ]; then
    new=$((new + 1))
  fi
done
same 'whole pages' 244 $((old + new))
at_least 'old pages' 60 "$old"
at_least 'new pages' 60 "$new"
shown "the losing disk keeps what was synced; torn, $new of 244 pages were new"
