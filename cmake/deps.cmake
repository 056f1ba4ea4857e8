# SPDX-License-Identifier: BSD-2-Clause
# The outside libraries, each wrapped once. Which room may name which: tests/floors/outside.sh.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
pkg_check_modules(EWF REQUIRED IMPORTED_TARGET libewf)
pkg_check_modules(TSK REQUIRED IMPORTED_TARGET tsk)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(XML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)

# ISA-L deflates five times as fast as zlib at the same ratio; zlib does the work where it is missing.
option(ATHAR_ISAL "use ISA-L where it is installed" ON)
if(ATHAR_ISAL)
  pkg_check_modules(ISAL IMPORTED_TARGET libisal)
endif()
