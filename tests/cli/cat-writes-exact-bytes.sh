# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 200000 >stick.img
quietly 0 athar acquire stick.img --case case --exhibit 1
for image in stick.img case/1/*.E01 case; do
  athar cat "$image" -q | head -c 200000 | cmp - stick.img
  athar cat "$image" -q --offset 3s --size 1000 | cmp - <(tail -c +1537 stick.img | head -c 1000)
done
say athar cat stick.img --offset 199999 --size 1 >last
tail -n 1 last
athar cat stick.img --offset 300000 >out 2>err
status=$?
echo "past the end: exit $status, $(wc -c <out) bytes"
say athar cat case --item 1
# Evidence does not reach a terminal.
if command -v script >/dev/null; then
  script -qec 'athar cat stick.img' /dev/null </dev/null >out
  echo "exit $?"
  tr -d '\r' <out | grep -o 'refused: .*'
fi
# The events of --json go where the bytes do not.
athar cat stick.img --json 2>err | cmp - stick.img
jq -c . err
