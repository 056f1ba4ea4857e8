/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/inside.h"

#include <string.h>

#include "base/check.h"

static const athar_container *const containers[] = {
	&athar_container_eml, &athar_container_gzip, &athar_container_jpeg, &athar_container_mbox,
	&athar_container_pdf, &athar_container_tar,  &athar_container_tiff, &athar_container_zip};

const athar_container *athar_container_find(const char *format)
{
	for (size_t i = 0; i < ATHAR_COUNT(containers); i++)
		if (strcmp(containers[i]->format, format) == 0)
			return containers[i];
	return NULL;
}

void athar_layer_name(athar_layer *layer, const void *name, size_t len)
{
	layer->name_len = athar_min(len, sizeof layer->name);
	if (layer->name_len != 0)
		memcpy(layer->name, name, layer->name_len);
}

athar_status athar_listing_give(athar_listing *x, const athar_layer *layer, athar_error *err)
{
	athar_layer own = *layer;

	if (own.stored == 0 || own.size == 0 || !athar_inside(own.offset, own.stored, x->size))
		return ATHAR_OK;
	if (*x->left == 0)
		return athar_fail(err, ATHAR_ELIMIT, "it holds more files than are looked at");
	--*x->left;
	(void)snprintf(own.container, sizeof own.container, "%s", x->format);
	return x->take(x->user, &own, err);
}
