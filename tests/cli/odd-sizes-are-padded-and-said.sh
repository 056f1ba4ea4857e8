# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfverify ewfexport
needs_confinement
for size in 511 1048577; do
  bytes $size >odd.img
  whole=$(((size + 511) / 512 * 512))
  quietly 0 athar acquire odd.img --case case --exhibit "e-$size"
  record=case/e-$size/acquisition.json
  # Both hashes are kept, and each is that of what it says.
  jq -r .hashes.sha256 $record >true.sum
  hash_of sha256sum <odd.img | cmp - true.sum
  jq -r .padded_hashes.sha256 $record >padded.sum
  { cat odd.img; head -c $((whole - size)) /dev/zero; } >padded.img
  hash_of sha256sum <padded.img | cmp - padded.sum
  jq -c '[.source.size, .image.media_size, .image.padded_bytes, .read_back]' $record
  quietly 0 ewfverify -q "case/e-$size/e-$size.E01"
  quietly 0 ewfexport -u -q -f raw -t out "case/e-$size/e-$size.E01"
  cmp padded.img out.raw
  rm -f out.*
  quietly 0 athar acquire odd.img --case case --exhibit "r-$size" --format raw
  cmp odd.img "case/r-$size/r-$size.dd"
done
quietly 0 athar verify case
