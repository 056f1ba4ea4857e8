# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq ewfverify
needs_confinement
mixed 40000000 >disk.img
sha=$(hash_of sha256sum <disk.img)
mkdir other
quietly 0 athar case new case

# alike ID: the second folder is like the first one, and good for itself.
alike() {
  diff -r "case/$1" "other/$1"
  [ "$(jq -r .hashes.sha256 "other/$1/acquisition.json")" = "$sha" ] || echo "$1 has another hash"
  jq -c '[.read_back, .copy.read_back]' "other/$1/acquisition.json"
  find "other/$1" -perm /0177 ! -type d -o -name '.*'
}

for size in 0 8MiB; do
  for format in ewf raw; do
    id=$format-$size
    settings=(--format "$format" --copy other)
    [ $size = 0 ] || settings+=(--segment-size "$size")
    quietly 0 athar acquire disk.img --case case --exhibit "$id" "${settings[@]}"
    alike "$id"
    (cd "other/$id" && echo ./*)
  done
done
for id in ewf-0 ewf-8MiB; do
  quietly 0 athar verify "other/$id/$id.E01"
  quietly 0 ewfverify -q "other/$id/$id.E01"
done
cmp disk.img other/raw-0/raw-0.dd
cat other/raw-8MiB/raw-8MiB.0* | cmp disk.img -

# Interrupted, it is gone on with in both places.
mixed 200000000 >disk.img
sha=$(hash_of sha256sum <disk.img)
for format in ewf raw; do
  id=$format-INT
  athar acquire disk.img --case case --exhibit "$id" --format $format --copy other -j 1 >out 2>err &
  until [ -s "other/$id.partial/$id.sha256" ] || ! kill -0 $! 2>/dev/null; do :; done
  kill -INT $!
  wait $!
  echo "exit $?"
  find case other -name "$id*" -prune | sort
  quietly 0 athar acquire disk.img --case case --exhibit "$id" --format $format --copy other --resume
  alike "$id"
  quietly 0 athar verify "other/$id/$id".[Ed]* --against disk.img
done

# Nothing is overwritten, and nothing is left of what was refused.
mkdir other/taken
echo kept >other/taken/file
one_line 5 athar acquire disk.img --case case --exhibit taken --copy other
cat other/taken/file
one_line 4 athar acquire disk.img --case case --exhibit none --copy nowhere
find . -name 'taken*' -o -name 'none*'
quietly 0 athar verify case
