# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Deleted files of ext3 volumes whose truth is known: see testdata/README.md and tests/support/score.sh.
# Of many nothing points at the place any more: these do not count.
seeds --pointed ext3-1 ext3-2
