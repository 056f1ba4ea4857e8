# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of fat32 volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
seeds fat32-1 fat32-2 fat32-3 fat32-4 fat32-5
