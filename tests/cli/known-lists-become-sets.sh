# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Lists as their own tools write them, each with the same three contents; jq and sqlite3 know the truth.
needs jq hashdeep md5deep hfind sqlite3 openssl
mkdir files
bytes 1000 >files/a
bytes 70000 >"files/b c"
: >files/empty
sha256sum files/* >sha256
cp files/a 'files/a
b'
sha256sum 'files/a
b' >escaped
rm 'files/a
b'
sha1sum --tag files/* >sha1.bsd
md5sum -b files/* >md5
md5deep -z -r files >md5deep.sums
md5deep -c -z -r files >md5deep.csv
hashdeep -r files >hashdeep.csv
{
  echo '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"'
  for f in a 'b c' empty; do
    printf '"%s","%s","00000000","a ""b"", c",1,1,"WIN",""\r\n' \
      "$(hash_of sha1sum <"files/$f" | tr a-f A-F)" "$(hash_of md5sum <"files/$f" | tr a-f A-F)"
  done
} >NSRLFile.txt
{
  echo 'CREATE TABLE FILE(sha256 TEXT, sha1 TEXT, md5 TEXT, crc32 TEXT, file_name TEXT, file_size INTEGER, package_id INTEGER);'
  for f in a 'b c' empty; do
    echo "INSERT INTO FILE VALUES('$(hash_of sha256sum <"files/$f")','$(hash_of sha1sum <"files/$f")','$(hash_of md5sum <"files/$f")','0','x',1,1);"
    echo "INSERT INTO hashes(md5) VALUES(x'$(hash_of md5sum <"files/$f")');" >>kdb.sql
  done
} >rds.sql
sqlite3 RDS.db <rds.sql
# hfind makes the database, and finds what was put in; it cannot add to it from its command line.
hfind -c tsk.kdb >/dev/null
sqlite3 tsk.kdb <kdb.sql
hfind -q tsk.kdb "$(hash_of md5sum <files/a)" && echo
for f in a 'b c' empty; do
  jq -n --arg m "$(hash_of md5sum <"files/$f")" --arg s "$(hash_of sha1sum <"files/$f")" \
    '{MediaID: 1, Category: 2, MD5: $m | ascii_upcase, SHA1: $s | ascii_upcase, MediaFiles: [{FileName: "x"}]}'
done | jq -s '{"@odata.context": "http://x/2.0.xml/US/$metadata#Cases", value: [{CaseID: "1", Media: .}]}' >vics.json
for list in sha256 escaped sha1.bsd md5 md5deep.sums md5deep.csv hashdeep.csv NSRLFile.txt RDS.db tsk.kdb vics.json; do
  athar known "$list" -o "$list.set" --json >out || { echo "$list: exit $?"; cat out; }
  jq -r --arg sum "$(hash_of sha256sum <"$list")" 'select(.type == "row") |
    "\(.path): \(.format) \(.entries) \(.unread) \(.algorithms) \(.sha256 == $sum)"' out
  jq -r --arg sum "$(hash_of sha256sum <"$list.set")" --arg size "$(stat -c %s "$list.set")" \
    'select(.type == "summary") | select(.sha256 != $sum or .bytes != ($size | tonumber)) | .' out
done
# The same hashes in another order, some of them twice, are the same set but for the name of the list.
sort -r sha256 sha256 >other
mkdir again && mv other again/sha256 && touch -r sha256 again/sha256
athar known again/sha256 -o again.set -q
cmp -s sha256.set again.set || echo "another list"
diff <(tail -c +385 sha256.set | head -c -32 | base64) <(tail -c +385 again.set | head -c -32 | base64) && echo "the same hashes"
# Several lists, and sets, in one.
say athar known sha256.set md5 vics.json -o all.set | grep -v -e SHA-256 -e Date -e Size
cp all.set kept.set
say athar known md5 -o all.set
cmp all.set kept.set
# Lines that are no hashes are counted; what is no list, or only a part of one, is refused.
printf 'nonsense\n%s  x\nmore\n' "$(hash_of md5sum <files/a)" >broken
say athar known broken -o broken.set | grep -v -e SHA-256 -e Date -e Size
echo text >text
one_line 4 athar known text -o text.set
head -c 200 vics.json >cut.json
one_line 4 athar known cut.json -o cut.set
head -c 5000 RDS.db >cut.db
one_line 4 athar known cut.db -o cut.set
head -c 300 sha256.set >cut.in
one_line 4 athar known cut.in -o cut.set
flip sha256.set 500
one_line 4 athar known sha256.set -o cut.set
one_line 2 athar known md5
one_line 4 athar known absent -o cut.set
: >RDS.db-wal && echo x >RDS.db-wal
one_line 5 athar known RDS.db -o cut.set
find . -name "*.partial" -o -name cut.set -o -name ".known-*"
