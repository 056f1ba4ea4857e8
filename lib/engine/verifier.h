/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What several verifications in one process share.
 */
#ifndef ATHAR_ENGINE_VERIFIER_H
#define ATHAR_ENGINE_VERIFIER_H

#include "engine/locate.h"

ATHAR_DEFINE_AUTO(verifier, athar_verifier *, athar_verifier_close)

/* The worker that knows the image of this path; NULL: there is none. */
athar_locator *athar_verifier_locator(const athar_verifier *verifier, const char *image);

#endif
