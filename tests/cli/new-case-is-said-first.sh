# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 10000 >stick.img
athar acquire stick.img --case case --exhibit 1 2>&1 >/dev/null | head -n 1
athar acquire stick.img --case case --exhibit 2 2>&1 >/dev/null | grep -c 'new case'
athar carve stick.img --case other --exhibit 1 2>&1 >/dev/null | head -n 1
athar acquire stick.img --case third --exhibit 1 --json | head -n 1
# What cannot be read makes no case.
one_line 4 athar acquire absent.img --case fourth --exhibit 1
one_line 4 athar carve absent.img --case fourth --exhibit 1
ls
