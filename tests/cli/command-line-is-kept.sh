# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the log keeps as the command line gives a shell the same words again.
needs jq openssl
needs_confinement
bytes 20000 >'it'"'"'s a stick.img'
# shellcheck disable=SC2016
words=(athar acquire "it's a stick.img" --case case --exhibit '3 $(1)' --notes 'a "b" `c` \ é'
  --yes)
quietly 0 "${words[@]}"
kept=$(jq -r 'select(.action == "acquire.begin") | .data.command' case/custody.jsonl)
echo "$kept"
eval "again=($kept)"
# shellcheck disable=SC2154
[ "${again[*]@Q}" = "${words[*]@Q}" ] && echo same
