# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq sha256sum
needs_confinement
sample exfat
athar carve exfat.img --grade partial --case case --exhibit 1 >out 2>err
echo "exit $?"
judge_sample case/1/carve-001
