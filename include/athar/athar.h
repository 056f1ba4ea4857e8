/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libathar: from the evidence bag to the court file.
 *
 * In reading order: what every call has in common (error, bytes, extents, text, json, context,
 * watcher), the things it works on (digest, source, item, case), the verbs (acquire, adopt, verify,
 * carve, known, report, search, info, cat).
 *
 * Conventions, once for all of them:
 *   - Functions that can fail return an athar_status and take `athar_error *err` last. On failure
 *     *err says what happened, where, and what to do, in one line that is safe to print. err is
 *     never NULL.
 *   - Out parameters come first. What is handed out through a pointer-to-pointer is yours to
 *     release; what is returned is borrowed.
 *   - Every *_free and *_close takes NULL.
 *   - The library never prints, never exits, never reads the clock or the locale: athar_context
 *     brings what it needs to know of the world.
 *   - Sizes and offsets are bytes unless the name says sectors. Times are seconds since 1970, UTC.
 */
#ifndef ATHAR_H
#define ATHAR_H

#include "athar/acquire.h"
#include "athar/adopt.h"
#include "athar/bytes.h"
#include "athar/carve.h"
#include "athar/case.h"
#include "athar/cat.h"
#include "athar/context.h"
#include "athar/digest.h"
#include "athar/error.h"
#include "athar/extents.h"
#include "athar/info.h"
#include "athar/item.h"
#include "athar/json.h"
#include "athar/known.h"
#include "athar/report.h"
#include "athar/search.h"
#include "athar/source.h"
#include "athar/text.h"
#include "athar/verify.h"
#include "athar/version.h"
#include "athar/watcher.h"

#endif
