# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of ext4 volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
seeds ext4-1 ext4-2 ext4-3 ext4-4 ext4-5 ext4-6
