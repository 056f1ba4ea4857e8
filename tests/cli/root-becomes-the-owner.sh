# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_root
needs_confinement
bytes 100000 >disk.img
chmod 600 disk.img
chmod 711 .. .
quietly 0 athar case new case
chown -R 65534:65534 case
quietly 0 athar acquire disk.img --case case --exhibit 1
quietly 0 athar acquire disk.img --case case --exhibit 2 --format raw --segment-size 50000
quietly 0 athar verify case
find case ! -user 65534
find case -type f ! -perm 600 -o -type d ! -perm 700
