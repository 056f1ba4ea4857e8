# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
for shell in bash zsh fish; do
  athar --completion $shell >out.$shell
  echo "$shell: exit $?"
  if command -v $shell >/dev/null; then
    $shell -n out.$shell || echo "$shell: does not parse"
  fi
done

# What bash would offer for a line that is being typed.
offer() {
  # shellcheck disable=SC1091
  (. ./out.bash; COMP_WORDS=(athar "$@"); COMP_CWORD=$#; _athar; echo "${COMPREPLY[*]}")
}
offer ''
offer ca
offer case ''
offer case new --lab
offer acquire --form
offer acquire --format ''
offer acquire --compression b
offer verify --hash ''
