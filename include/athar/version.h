/* SPDX-License-Identifier: BSD-2-Clause */
/* Which athar this is, and which libraries it really runs with. */
#ifndef ATHAR_VERSION_H
#define ATHAR_VERSION_H

#include "athar/error.h"
#include "athar/json.h"

#define ATHAR_VERSION "0.1.0"

ATHAR_BEGIN

/* The version of the library that is loaded, which may differ from the ATHAR_VERSION compiled in.
 */
ATHAR_API const char *athar_version(void);

/* An object: athar, libewf, libtsk, zlib, openssl, isal, lz4, ... with the versions loaded now.
 * This goes into every acquisition record and report: a result is a result of these. */
ATHAR_API athar_json *athar_version_libraries(void);

ATHAR_END

#endif
