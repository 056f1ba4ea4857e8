# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Every option of --help stands in the OPTIONS of the command's page, and the other way round.
for command in acquire verify carve report info cat case known; do
  page=$ATHAR_SOURCE/man/athar-$command.1
  if [ ! -e "$page" ]; then
    echo "athar-$command.1 is missing"
    continue
  fi
  parts=$command
  [ $command = case ] && parts=$'case new\ncase set\ncase add\ncase note\ncase show'
  while read -r part; do
    # shellcheck disable=SC2086
    athar $part --help
  done <<<"$parts" | grep -oE '^  (-.,|   ) --[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' |
    sort -u >in-help
  grep -E '^\.It Fl' "$page" | grep -oE 'Fl -[a-z0-9-]+' | sed 's/Fl -/--/' | sort -u >in-page
  diff in-help in-page | grep '^[<>]' | sed "s/^</athar-$command.1 lacks/; s/^>/athar $command lacks/"
done
# All commands are in the first page.
for command in acquire verify carve report info cat case known; do
  grep -q "^\.It .*$command" "$ATHAR_SOURCE/man/athar.1" || echo "athar.1 lacks $command"
done
