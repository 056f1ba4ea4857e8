# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs script openssl
needs_confinement
bytes 70000 >stick.img

# Enter at the question for a new case: no.
printf '\n' | script -qec "athar acquire stick.img --case case --exhibit 1" /dev/null >out
echo "exit $?"
tr -d '\r' <out | grep -o 'refused: .*'
ls -d case 2>/dev/null

# No at the last question: nothing was written.
printf 'yes\n42\n\n\n\n\n\n\nno\n' |
  script -qec "athar acquire stick.img --case case --exhibit 1" /dev/null >out
echo "exit $?"
tr -d '\r' <out | grep -o 'interrupted: .*'
ls -d case 2>/dev/null

# The questions, in their order.
printf 'case\nyes\n42/2026\na stick\n3-1\nKM\nnone\n\n\n\nyes\n' |
  script -qec "athar acquire stick.img" /dev/null >out
echo "exit $?"
tr '\r' '\n' <out | grep -oE '(Case folder|Case number|Description|Exhibit|Examiner|Notes|Seal|Condition on receipt|Write blocker|Make a new case there\?|Continue with these values\?)( \[[^]]*\])?: ' | sed 's/ $//'
jq -r .number case/case.json
jq -r '.id, .description' case/3-1/exhibit.json

# What was given is not asked for; --yes asks nothing.
script -qec "athar acquire stick.img --case case --exhibit 2 --yes" /dev/null </dev/null >out
echo "exit $?"
grep -c '\]: ' out

# Without a terminal nothing is asked; what is missing is said.
printf 'case\n' | say athar acquire stick.img
