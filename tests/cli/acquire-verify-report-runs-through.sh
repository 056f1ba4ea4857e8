# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 300000 >stick.img # not a multiple of 512
md5=$(md5sum <stick.img | cut -c1-32)
sha256=$(sha256sum <stick.img | cut -c1-64)

for format in ewf raw; do
  athar acquire stick.img --case case --exhibit "$format-1" --format $format --examiner KM \
    --description 'a stick' >out 2>err || { echo "acquire: exit $?"; cat out err; }
  tail -n 1 err
  grep -c "$sha256" out
  grep -c "$md5" out
  grep -E 'Read-back|Unreadable' out
done
cmp case/raw-1/raw-1.dd stick.img || cmp case/raw-1/raw-1.001 stick.img

athar verify case >out 2>err
echo "verify the case: $?"
grep -vE '^  (same|MD5|SHA-1|SHA-256) ' out
tail -n 1 err | sed 's/[0-9][0-9]* checks/N checks/'
# The media of an E01 are whole sectors: what verify computes is the hash with the padding.
padded=$({ cat stick.img; head -c 32 /dev/zero; } | sha256sum | cut -c1-64)
athar verify case/ewf-1/ewf-1.E01 >out 2>err
echo "verify the image: $?"
grep -c "$padded" out

# Stock tools agree.
if command -v ewfverify >/dev/null; then
  ewfverify -q case/ewf-1/*.E01 >ewf 2>&1 || cat ewf
fi

athar report case --format json >out 2>err
echo "report: $? (nobody stated the case number)"
jq -e . "$(cat out)" >/dev/null || cat out err
athar report case --format text -o - 2>err | grep -q "$sha256" && echo "the report has the hash"

# Nothing half-done lies about, nothing is for others to read.
find case -name '*.partial'
find case -type f ! -perm 600 -o -type d ! -perm 700
# The source is as it was.
[ "$(sha256sum <stick.img | cut -c1-64)" = "$sha256" ] || echo "the source has changed"
