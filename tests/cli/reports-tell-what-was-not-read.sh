# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 4194304 >disk.img
# One MiB was read, three were not tried; none of them is bad.
printf '0x00100000 ? 1\n0x00000000 0x00100000 +\n0x00100000 0x00300000 ?\n' >disk.map
quietly 3 athar acquire disk.img --case case --exhibit 1 --from-map disk.map
quietly 0 athar acquire disk.img --case whole --exhibit 1
for case in case whole; do
  echo "$case"
  athar report $case --format text -o - 2>/dev/null | tr '\n' ' ' | tr -s ' ' |
    grep -o 'All of it could be read\|Every byte of the medium was read\|3.0 MiB[^.]*not [^.]*'
done
