/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/verifier.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "digest/digest.h"
#include "engine/drivers.h"
#include "engine/reach.h"
#include "engine/subject.h"
#include "jail/confine.h"

/* Each waits in a process of its own. */
#define LOCATORS_MOST 64u

struct athar_verifier {
	const athar_context *context; /* while it is being opened */
	athar_locator *locator[LOCATORS_MOST];
	size_t locators;
};

void athar_verifier_close(athar_verifier *verifier)
{
	if (verifier == NULL)
		return;
	for (size_t i = 0; i < verifier->locators; i++)
		athar_locator_close(verifier->locator[i]);
	free(verifier);
}

athar_locator *athar_verifier_locator(const athar_verifier *verifier, const char *image)
{
	for (size_t i = 0; i < verifier->locators; i++)
		if (strcmp(athar_locator_image(verifier->locator[i]), image) == 0)
			return verifier->locator[i];
	return NULL;
}

static athar_status add_image(athar_verifier *v, const char *path, athar_error *err)
{
	struct stat st;

	if (v->locators == LOCATORS_MOST || athar_verifier_locator(v, path) != NULL ||
	    stat(path, &st) != 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_locator_open(&v->locator[v->locators], path, v->context, err));
	v->locators++;
	return ATHAR_OK;
}

typedef struct walk {
	athar_verifier *verifier;
	const athar_case *c;
} walk;

static athar_status add_exhibit(void *user, const char *slug, const athar_json *fields,
                                athar_error *err)
{
	const walk *w = user;
	ATHAR_AUTO(free) char *image = NULL;
	athar_error none = ATHAR_ERROR_INIT;

	(void)fields;
	if (athar_case_image(&image, w->c, slug, &none) != ATHAR_OK)
		return ATHAR_OK;
	return add_image(w->verifier, image, err);
}

/* A case that is not in order is judged later; here its images only get no worker. */
static athar_status add_case(athar_verifier *v, const char *folder, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error why = ATHAR_ERROR_INIT;
	walk w = {.verifier = v};
	athar_status status;

	if (athar_case_open_readonly(&c, folder, &why) != ATHAR_OK)
		return ATHAR_OK;
	w.c = c;
	status = athar_case_each_exhibit(c, add_exhibit, &w, &why);
	if (status != ATHAR_ENOMEM && status != ATHAR_EREFUSED)
		return ATHAR_OK;
	*err = why;
	return status;
}

static athar_status add_reach(athar_reach *reach, const char *path, athar_error *err)
{
	return athar_case_exists(path) ? athar_reach_case(reach, path, err)
	                               : athar_reach_image(reach, path, err);
}

static athar_status confine(const char *const *paths, const char *against,
                            const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(reach) athar_reach reach = {.read = NULL};
	const char *had = NULL;

	for (; *paths != NULL; paths++)
		ATHAR_TRY(add_reach(&reach, *paths, err));
	if (against != NULL)
		ATHAR_TRY(add_reach(&reach, against, err));
	athar_digest_prepare();
	ATHAR_TRY(athar_allow_files(2 * ATHAR_SEGMENT_FILES, err));
	return athar_confine(&had,
	                     &(athar_confine_spec){.kind = ATHAR_CONFINE_IMAGER,
	                                           .read = (const char *const *)reach.read,
	                                           .write = (const char *const *)reach.write,
	                                           .unconfined = context->unconfined},
	                     err);
}

athar_status athar_verifier_open(athar_verifier **out, const char *const *paths,
                                 const char *against, const athar_context *context,
                                 athar_error *err)
{
	ATHAR_AUTO(verifier) athar_verifier *v = athar_alloc(sizeof *v, err);

	if (v == NULL)
		return ATHAR_ENOMEM;
	v->context = context;
	for (size_t i = 0; paths[i] != NULL; i++)
		ATHAR_TRY(athar_case_exists(paths[i]) ? add_case(v, paths[i], err)
		                                      : add_image(v, paths[i], err));
	ATHAR_TRY(confine(paths, against, context, err));
	v->context = NULL;
	*out = ATHAR_GIVE(v);
	return ATHAR_OK;
}
