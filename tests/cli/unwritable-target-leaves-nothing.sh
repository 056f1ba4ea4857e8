# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 100000 >stick.img
: >file
one_line 4 athar acquire stick.img --case file/case --exhibit 1
one_line 4 athar acquire stick.img --case absent/case --exhibit 1
one_line 4 athar acquire stick.img --case /proc/case --exhibit 1
one_line 4 athar case new file/case
quietly 0 athar case new case
one_line 4 athar report case -o absent/report.txt
one_line 4 athar report case -o /proc/report.txt
: >there.txt
one_line 5 athar report case -o there.txt
wc -c <there.txt
ls
ls case
