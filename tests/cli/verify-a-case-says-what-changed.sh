# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2016
needs openssl jq sha256sum
needs_confinement
{ bytes 100000; gif; bytes 100000; } >disk.img
quietly 0 athar acquire disk.img --case case --exhibit 1 --format raw
quietly 0 athar carve case --exhibit 1 --every-byte
quietly 0 athar carve disk.img --case case --exhibit elsewhere --list-only
athar verify case >out 2>err
echo "exit $?"
rows out '[a-zD]'
changed() {
  rm -rf copy
  cp -r case copy
  (cd copy && eval "$2")
  echo "$1"
  athar verify copy >out 2>err
  echo "exit $?"
  rows out DIFFERS
  rows out 'could not'
}
changed 'exhibit.json' 'sed -i s/v/w/ 1/exhibit.json'
changed 'exhibit.json another' 'sed -i s/elsewhere/nowhere/ elsewhere/exhibit.json'
changed 'no exhibit.json' 'rm 1/exhibit.json'
changed 'image' 'printf X | dd of=1/1.dd bs=1 seek=5000 conv=notrunc status=none'
changed 'image longer' 'head -c 1048576 /dev/zero >>1/1.dd'
changed 'image gone' 'rm 1/1.dd'
changed 'block hashes shorter' 'sed -i \$d 1/1.sha256'
changed 'block hashes a pipe' 'rm 1/1.sha256; mkfifo 1/1.sha256'
changed 'recovered' 'rm 1/carve-001/recovered/000/000001.gif'
changed 'recovered too many' 'echo >1/carve-001/recovered/000/000002.gif'
changed 'custody' 'sed -i 2s/acquire/Acquire/ custody.jsonl'
changed 'custody no JSON' 'sed -i 2s/./x/ custody.jsonl'
changed 'custody cut' 'sed -i \$d custody.jsonl'
changed 'custody gone' 'rm custody.jsonl'
