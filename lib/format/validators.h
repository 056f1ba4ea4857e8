/* SPDX-License-Identifier: BSD-2-Clause */
/* The validators, one file each: what validators.c lists. */
#ifndef ATHAR_FORMAT_VALIDATORS_H
#define ATHAR_FORMAT_VALIDATORS_H

#include "format/validator.h"

extern const athar_validator athar_validator_gzip, athar_validator_png, athar_validator_zip;

#endif
