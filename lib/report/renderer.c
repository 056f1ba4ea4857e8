/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/renderer.h"

#include <string.h>

/* The order is the order in which they are offered: people first, then programs. */
static const athar_renderer *const renderers[] = {
	&athar_renderer_html, &athar_renderer_text,     &athar_renderer_json, &athar_renderer_csv,
	&athar_renderer_body, &athar_renderer_hashdeep, &athar_renderer_vics,
};

static const char *const names[ATHAR_COUNT(renderers) + 1] = {"html", "text",     "json", "csv",
                                                              "body", "hashdeep", "vics", NULL};

const char *const *athar_report_formats(void)
{
	return names;
}

athar_status athar_renderer_find(const athar_renderer **out, const char *name, athar_error *err)
{
	for (size_t i = 0; i < ATHAR_COUNT(renderers); i++) {
		if (strcmp(renderers[i]->name, name) == 0) {
			*out = renderers[i];
			return ATHAR_OK;
		}
	}
	return athar_fail(err, ATHAR_EUSAGE,
	                  "\"%s\" is no format of a report; there are html, text, json, csv, body, "
	                  "hashdeep and vics",
	                  name);
}

athar_status athar_report_render(const athar_report *r, const char *format, FILE *to,
                                 athar_error *err)
{
	const athar_renderer *renderer = NULL;

	ATHAR_TRY(athar_renderer_find(&renderer, format, err));
	ATHAR_TRY(renderer->render(r, to, err));
	if (fflush(to) != 0 || ferror(to))
		return athar_fail_errno(err, "cannot write the report");
	return ATHAR_OK;
}
