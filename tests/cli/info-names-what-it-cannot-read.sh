# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq mmls fsstat xz
needs_confinement
sample btrfs
athar info btrfs.img --json >out 2>err
echo "exit $?"
jq -r 'select(.type == "summary" | not) | .. | .findings? // empty | .[]? | strings' out | sort -u | cut -c1-60
rm btrfs.img
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
athar info practice.img --json >out 2>err
echo "exit $?"
# Where volumes begin and how long they are, by another tool.
mmls practice.img | awk '$2 ~ /^[0-9]+:/ && $2 !~ /Meta/ { print $3 * 512, $5 * 512 }' | sort >wanted
jq -r '.. | .volumes? // empty | .[]? | objects | "\(.offset) \(.length)"' out | sort -u >given
diff wanted given && wc -l <given
