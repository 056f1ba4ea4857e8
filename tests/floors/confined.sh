#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# confined.sh BUILD: what runs in a confined worker calls nothing of the C library's that may ask the
# system for more than memory and open files. qsort() asks how much memory the machine has once an array is
# large; the others read files of time zones, locales or users. The worker would be killed, on large evidence only.
set -u
bad=0
never='qsort|qsort_r|localtime|localtime_r|mktime|timelocal|tzset|strftime|setlocale|getenv|system|popen'
never="$never|fopen|fopen64|freopen|tmpfile|mkstemp|open|open64|openat|openat64|opendir|readdir|readdir64"
never="$never|sysconf|sysinfo|get_nprocs|nanosleep|usleep|sleep|fork|pthread_create|getaddrinfo|getpwnam|getpwuid"
never="$never|glob|scandir|nftw|rand|srand|random|srandom"

# Rooms, or single files of rooms that do other work outside the worker too.
for part in volume format inflate carve image/reader image/source image/source_extents image/source_memory \
  image/source_window base/alloc base/error base/extents base/runs base/sort base/utf8; do
  objects=$(find "$1/lib/${part%%/*}" -name '*.o' | grep -E "/$(basename "$part")\.c\.o$|lib/$part/CMakeFiles/" || true)
  [ -n "$objects" ] || { echo "lib/$part has no object files in $1"; bad=1; continue; }
  for object in $objects; do
    found=$(nm -u "$object" | awk '{print $2}' | sed 's/@.*//; s/^__isoc[0-9]*_//' | grep -xE "$never" || true)
    # Undoes what libtsk does to the times of FAT, in the zone that the worker was given at its start.
    [ "${object##*/}" != times.c.o ] || found=$(grep -vx localtime_r <<<"$found")
    [ -z "$found" ] || { echo "${object##*/} of lib/$part calls $(tr "\n" " " <<<"$found")"; bad=1; }
  done
done
[ "$(find "$1/lib/volume" -name '*.o' | wc -l)" -gt 50 ] || { echo "too few object files were found"; bad=1; }
exit "$bad"
