/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process that verifies will have to open once it is confined: the folders of images, since
 * the other files of a set lie there, devices, and cases with the images that they refer to.
 */
#ifndef ATHAR_ENGINE_REACH_H
#define ATHAR_ENGINE_REACH_H

#include "base/idiom.h"

typedef struct athar_reach {
	char **read, **write; /* ended by NULL once there is one */
	size_t reads, writes, read_capacity, write_capacity;
} athar_reach;

/* What is not there is passed over: opening it tells. */
athar_status athar_reach_image(athar_reach *reach, const char *path, athar_error *err);
/* The folder, for its log, and where its exhibits' images lie. */
athar_status athar_reach_case(athar_reach *reach, const char *folder, athar_error *err);
void athar_reach_clear(athar_reach *reach);
ATHAR_DEFINE_AUTO_VALUE(reach, athar_reach, athar_reach_clear)

#endif
