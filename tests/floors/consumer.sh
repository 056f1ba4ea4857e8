#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# consumer.sh BUILD CC: a program of ten lines builds against the installed prefix, by pkg-config and by
# find_package, and runs.
set -eu
build=$1 cc=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
cmake --install "$build" --prefix "$prefix" >/dev/null

cat >"$work/main.c" <<'C'
#include <athar/athar.h>
#include <stdio.h>

int main(void)
{
	unsigned hashes = 0;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_digest_parse(&hashes, "md5,sha256", &err) != ATHAR_OK)
		return 1;
	return printf("athar %s, hashes %u\n", athar_version(), hashes) < 0;
}
C
cat >"$work/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(athar 0.1 REQUIRED)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE athar::athar)
C

libdir=$(dirname "$(find "$prefix" -name 'libathar.so' | head -n 1)")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
read -r -a flags <<<"$(pkg-config --define-prefix --cflags --libs athar)"
"$cc" -std=c17 "$work/main.c" -o "$work/by-pkg-config" "${flags[@]}"
"$work/by-pkg-config" | grep -x 'athar 0.1.0, hashes 5'
cmake -S "$work" -B "$work/b" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" >/dev/null
cmake --build "$work/b" >/dev/null
"$work/b/consumer" | grep -x 'athar 0.1.0, hashes 5'
"$prefix/bin/athar" --version >/dev/null
