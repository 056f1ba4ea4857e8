# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of ext2 volumes whose truth is known: see testdata/README.md and tests/support/score.sh. Linux
# clears the inode: what comes back depends on formats and on maps that are left, and has no bar here;
# that nothing wrong is called whole does.
export SCORE_RECALL=0
seeds ext2-1 ext2-2
