# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of ntfs volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
seeds ntfs-1 ntfs-2 ntfs-3 ntfs-4 ntfs-5
