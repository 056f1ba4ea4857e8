# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
say athar
say athar acuire
say athar frobnicate
say athar acq
say athar --bogus
say athar case
say athar case nwe
say athar acquire
say athar acquire a b
say athar acquire a
say athar acquire a --case c
say athar acquire --cas c a
say athar acquire --cmopression best a
say athar acquire --frobnicate a
say athar acquire -x a
say athar acquire a --case
say athar acquire a --case ''
say athar acquire a --case c --case d
say athar acquire a --no-verify=yes
say athar acquire a --format aff
say athar acquire a --compression 9
say athar acquire a --hash md6
say athar acquire a --segment-size big
say athar acquire a -j many
say athar acquire a -j 5000
say athar verify
say athar carve
say athar carve a
say athar carve --method journal a
say athar carve --method metadata,fragments a
say athar carve --effort 0 a
say athar report
say athar report a --format pdf
say athar info
say athar info --devices a
say athar cat
say athar cat a --item 1 --offset 0x
say athar cat a --item 1 --size 5
say athar cat a --item 0
say athar cat a --run carve-001
say athar case set d
say athar case set d number
say athar case note d
say athar case add d
say athar case add d image
say athar case new d --examiner-name N
say athar case new d --examiner-role R
say athar --completion csh
# Nothing was made on the way.
ls
