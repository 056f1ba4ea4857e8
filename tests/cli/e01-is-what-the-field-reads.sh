# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfverify ewfinfo ewfexport ewfacquire
needs_confinement
mixed 5242880 >disk.img
quietly 0 athar acquire disk.img --case case --exhibit 1 --segment-size 1MiB \
  --hash md5,sha1,sha256,sha512,blake2b --examiner 'كريم' --notes 'a b'
# The field's own tools take the E01, and get the source's bytes out of it.
quietly 0 ewfverify -q -d sha1 case/1/1.E01
ewfinfo case/1/1.E01 | grep -o 'كريم'
quietly 0 ewfexport -u -q -f raw -t exported case/1/1.E01
cmp disk.img exported.raw
# The hashes on record are those of five other programs.
for pair in md5:md5sum sha1:sha1sum sha256:sha256sum sha512:sha512sum blake2b:b2sum; do
  jq -r ".hashes.${pair%:*}" case/1/acquisition.json >ours
  hash_of "${pair#*:}" <disk.img | cmp - ours
done
# We take theirs, in one file and in several.
quietly 0 ewfacquire -u -q -c fast -t theirs disk.img
quietly 0 ewfacquire -u -q -c none -S 1048576 -t parts disk.img
[ -e parts.E03 ] || echo 'only one segment'
for image in theirs.E01 parts.E01 case/1/1.E01; do
  quietly 0 athar verify "$image" --against "$(hash_of sha256sum <disk.img)"
  quietly 0 athar verify "$image" --against disk.img
  quietly 0 athar verify disk.img --against "$image"
done
