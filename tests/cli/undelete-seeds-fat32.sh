# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of fat32 volumes whose truth is known: see testdata/README.md and tests/support/score.sh. FAT
# forgets which clusters followed the first: of files in pieces only what their format proves comes back for
# certain, so they do not count here; that nothing wrong is called whole holds for all.
seeds --in-one-piece fat32-1 fat32-2 fat32-3 fat32-4 fat32-5
