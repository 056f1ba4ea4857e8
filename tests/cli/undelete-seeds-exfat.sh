# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of exfat volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
# Of some the entries were written over too: these do not count.
seeds --pointed exfat-1 exfat-2
