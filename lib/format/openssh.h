/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenSSH's own form of private keys (PROTOCOL.key), in memory.
 */
#ifndef ATHAR_FORMAT_OPENSSH_H
#define ATHAR_FORMAT_OPENSSH_H

#include "format/walk.h"

/* Do its parts fill it to the last byte? Notes whether it is encrypted, else its comment. */
bool athar_openssh_key(athar_walk *w, const uint8_t *bytes, size_t len);

#endif
