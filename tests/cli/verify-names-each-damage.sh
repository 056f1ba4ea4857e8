# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
# One set of ewfacquire, spoiled in one place after another. What ewfverify says stands beside: it
# takes a table whose copy is good, bytes behind the end and a file too many for a success. Where in a
# file a section lies depends on the dates that ewfacquire writes.
needs openssl jq perl ewfacquire ewfverify
needs_confinement
bytes 5242880 >disk.img
bytes 4194304 >other.img
quietly 0 ewfacquire -u -q -c none -S 1048576 -t d disk.img
quietly 0 ewfacquire -u -q -c none -S 1048576 -t o other.img
mkdir set
mv d.E0* set/
spoiled() {
  echo "$1"
  rm -rf copy
  cp -r set copy
  (cd copy && eval "$2")
  athar verify copy/d.E01 --json >out 2>err
  echo "exit $?, ewfverify: $(ewfverify -q copy/d.E01 >word 2>&1 && echo yes || echo no)"
  jq -r 'select(.type == "row" and .check != "same") |
    "  \(.kind)\(if .check == "DIFFERS" then "" else " (\(.check))" end): \(.what): \(.detail)"' out |
    sed 's/[0-9a-f]\{32,\}/HASH/g; s/\(bytes\{0,1\}\) [0-9]\{3,\}\( and [0-9]*\)\{0,1\}/\1 N/g'
}
last=set/d.E06
table=$(ewf_content set/d.E01 table)
second=$(ewf_content set/d.E01 table2)
spoiled 'nothing' ':'
spoiled 'a table, its copy is good' "flip d.E01 $((table + 32))"
spoiled 'the copy of a table' "flip d.E01 $((second + 32))"
spoiled 'the header of a table' "flip d.E01 $((table + 8))"
spoiled 'a table and its copy' "flip d.E01 $((table + 32)); flip d.E01 $((second + 32))"
spoiled 'a section descriptor' "flip d.E02 43"
spoiled 'the volume section' "flip d.E01 $(($(ewf_content set/d.E01 volume) + 16))"
spoiled 'one of two headers' "flip d.E01 $(($(ewf_content set/d.E01 header) + 16))"
spoiled 'a chunk' "flip d.E02 $(($(ewf_content set/d.E02 sectors) + 1000))"
spoiled 'a stored hash' "flip $(basename $last) $(($(ewf_content $last hash) + 3))"
spoiled 'bytes behind the end' 'echo hello >>d.E06'
spoiled 'bytes behind a file that is not the last' 'echo hello >>d.E02'
spoiled 'a file too many' 'cp d.E02 d.E08'
spoiled 'a file cut short' 'truncate -s 700000 d.E03'
spoiled 'a file missing' 'rm d.E03'
spoiled 'files missing' 'rm d.E03 d.E04'
spoiled 'the last file missing' 'rm d.E06'
spoiled 'a file of another set' 'cp ../o.E03 d.E03'
spoiled 'a file in the place of another' 'cp d.E02 d.E03'
# Two tables whose checksums hold and that do not agree: the entry of one is moved, and its sum made
# again.
spoiled 'a table changed with its checksum' '
  perl -e '"'"'
    my ($name, $at) = @ARGV; open my $f, "+<", $name or die; binmode $f;
    seek $f, $at, 0; read $f, my $h, 24; my $n = unpack "V", $h; read $f, my $e, 4 * $n;
    substr($e, 8, 4) = pack "V", unpack("V", substr $e, 8, 4) + 1;
    my ($a, $b) = (1, 0); for (unpack "C*", $e) { $a = ($a + $_) % 65521; $b = ($b + $a) % 65521 }
    seek $f, $at + 24, 0; print $f $e, pack "V", $b << 16 | $a'"'"' d.E01 '"$second"
# Raw parts.
mkdir parts
split -b 1000000 -d -a 3 disk.img parts/d.
raw() {
  echo "$1"
  rm -rf copy
  cp -r parts copy
  (cd copy && eval "$2")
  athar verify copy/d.000 --against disk.img --json >out 2>err
  echo "exit $?"
  jq -r 'select(.type == "row" and .check != "same") | "  \(.kind): \(.what): \(.detail)"' out
}
raw 'raw parts' ':'
raw 'a part missing' 'rm d.002'
raw 'a part cut short' 'truncate -s 5000 d.002'
raw 'the last part cut short' 'truncate -s 5000 d.005'
raw 'a part too many' 'cp d.005 d.006'
