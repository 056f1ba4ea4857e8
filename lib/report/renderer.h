/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A renderer: a function from the model to bytes. One file each, one line in the list.
 */
#ifndef ATHAR_REPORT_RENDERER_H
#define ATHAR_REPORT_RENDERER_H

#include "report/model.h"

typedef struct athar_renderer {
	const char *name;
	const char *extension; /* of the file it makes, without a dot */
	athar_status (*render)(const athar_report *r, FILE *to, athar_error *err);
} athar_renderer;

extern const athar_renderer athar_renderer_text;
extern const athar_renderer athar_renderer_html;
extern const athar_renderer athar_renderer_json;
extern const athar_renderer athar_renderer_csv;
extern const athar_renderer athar_renderer_body;
extern const athar_renderer athar_renderer_hashdeep;
extern const athar_renderer athar_renderer_vics;

/* ATHAR_EUSAGE names those there are. */
athar_status athar_renderer_find(const athar_renderer **out, const char *name, athar_error *err);

#endif
