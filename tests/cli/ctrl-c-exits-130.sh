# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq
needs_confinement
truncate -s 6G huge.img
interrupt() {
  timeout --preserve-status -s INT 1 athar "$@" >out 2>err
  echo "$1: exit $?"
  grep -o 'interrupted; ending in good order' err
  tail -n 1 err | grep -o ': interrupted'
}
interrupt acquire huge.img --case case --exhibit 1 --hash md5,sha1,sha256,sha512,blake2b
interrupt verify huge.img --hash md5,sha1,sha256,sha512,blake2b
truncate -s 300G larger.img
interrupt carve larger.img --case case --exhibit 2 --every-byte
# Nothing half-done is left but what can be gone on with, and the log says how each ended.
find case -name '*.E01*' -o -name '*.partial' | sort
jq -r '.action, .data.result // empty' case/custody.jsonl
