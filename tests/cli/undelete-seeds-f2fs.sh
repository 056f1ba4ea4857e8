# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of f2fs volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
seeds f2fs-1 f2fs-2 f2fs-3 f2fs-4 f2fs-5
