/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list as hashdeep reads it: one line an item that has hashes. The name is that of the recovered
 * file from the case folder on, so that hashdeep, run there, audits what was recovered.
 */
#include <inttypes.h>

#include "report/renderer.h"

struct list {
	FILE *to;
	const athar_report_exhibit *x;
	const athar_report_run *run;
	uint64_t without; /* hashes */
};

static athar_status put_item(void *user, const athar_item *item, athar_error *err)
{
	struct list *l = user;
	const char *md5 = athar_digests_get(&item->hashes, ATHAR_MD5);
	const char *sha256 = athar_digests_get(&item->hashes, ATHAR_SHA256);

	if (md5[0] == '\0' || sha256[0] == '\0') {
		l->without++;
		return ATHAR_OK;
	}
	(void)fprintf(l->to, "%" PRIu64 ",%s,%s,%s/%s/", item->size, md5, sha256, l->x->slug,
	              l->run->name);
	if (item->file[0] != '\0')
		(void)fprintf(l->to, "%s\n", item->file);
	else
		(void)fprintf(l->to, "item %" PRIu64 "\n", item->number);
	return ferror(l->to) ? athar_fail_errno(err, "cannot write the report") : ATHAR_OK;
}

static athar_status render_hashdeep(const athar_report *r, FILE *to, athar_error *err)
{
	struct list l = {.to = to};

	(void)fputs("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n", to);
	(void)fprintf(to, "## report %s%s, custody chain %s\n## \n", r->id,
	              athar_report_draft(r) ? ", DRAFT" : "",
	              athar_report_broken(r) ? "BROKEN" : "holds");
	for (size_t i = 0; i < r->exhibit_count; i++) {
		l.x = r->exhibit + i;
		for (size_t k = 0; k < l.x->run_count; k++) {
			l.run = l.x->run + k;
			ATHAR_TRY(athar_report_each_item(r, l.x, l.run, put_item, &l, err));
		}
	}
	if (l.without != 0)
		(void)fprintf(to,
		              "## %" PRIu64 " items have no hashes: their content was not taken "
		              "out\n",
		              l.without);
	return ATHAR_OK;
}

const athar_renderer athar_renderer_hashdeep = {
	.name = "hashdeep",
	.extension = "hashdeep",
	.render = render_hashdeep,
};
