#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh NAME: runs tests/faults/NAME.sh in a folder of its own, with athar and the disks first in PATH.
# ATHAR_BUILD names the folder of the program (build/). Lines that begin with `shown:` are what a test
# measured, those with `beside:` what other tools do on the same disk.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${ATHAR_BUILD:-$here/../../build}" && pwd) || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/athar-faults-XXXXXX")
mkdir "$work/home" "$work/here"
cd "$work/here" || exit 1
env -i PATH="$build:$build/tests/faults:$PATH" HOME="$work/home" TMPDIR="$work/home" \
  ATHAR_KILLS="${ATHAR_KILLS:-6}" ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
  bash -u -c ". '$here/common.sh'; . '$here/${1%.sh}.sh'" </dev/null
status=$?
cd / || exit 1
rm -rf --one-file-system "$work"
exit "$status"
