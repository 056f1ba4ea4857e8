# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs_confinement
# A reader that has had enough ends the command as it ends cat(1), without a word.
truncate -s 50M zeros.img
athar cat zeros.img 2>err | head -c 4 | od -An -tx1
echo "cat: ${PIPESTATUS[0]}"
cat err
