# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
name=$'a\nb \033[31m\342\200\256gpj.img'
bytes 10000 >"$name"
{
  athar acquire "$name" --case $'c\033[2J' --exhibit $'1\007\342\200\256'
  athar verify "$name" --json
  athar verify "$name" absent-$'\033'
  athar info "$name"
  athar carve "$name"
  athar $'\033[31m'
  athar info --$'\033[31m'
  athar case show $'c\033[2J'
} >out 2>&1
# No escape, bell or reversal reaches the terminal.
LC_ALL=C grep -c $'[\033\007]' out
grep -c $'\342\200\256' out
grep -c '\\u{202E}' out | sed 's/[1-9][0-9]*/some are shown/'
