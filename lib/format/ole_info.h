/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What office documents in compound files say of themselves: the summary information, a set of
 * properties ([MS-OLEPS]).
 */
#ifndef ATHAR_FORMAT_OLE_INFO_H
#define ATHAR_FORMAT_OLE_INFO_H

#include "format/walk.h"

#define ATHAR_OLE_INFO 4096u /* of the stream, to look at */

/* Notes title, author and so on. bytes: the stream, or its first part. */
void athar_ole_info(athar_walk *w, const uint8_t *bytes, size_t len);

#endif
