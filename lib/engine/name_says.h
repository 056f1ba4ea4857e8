/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a name promises of a content. That the blocks of a deleted file are free does not prove that
 * nobody wrote to them since; a picture that does not begin like one, or a text with binary bytes
 * in it, shows it.
 */
#ifndef ATHAR_ENGINE_NAME_SAYS_H
#define ATHAR_ENGINE_NAME_SAYS_H

#include "base/idiom.h"
#include "image/reader.h"

/* Looks at the extension of the path and at the content, which `format` claims ("": none does).
 * doubt: why it cannot be what the name says; "" where nothing speaks against it. */
athar_status athar_name_says(char doubt[100], const uint8_t *path, size_t len, const char *format,
                             athar_reader *content, athar_error *err);

#endif
