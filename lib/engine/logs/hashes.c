/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of files' hashes: sha256sum and its sisters, hashdeep.
 */
#include <string.h>

#include "engine/hashlist.h"
#include "engine/log.h"

/* Every line of the beginning that says anything is one of a list. */
static int bid(const char *head)
{
	ATHAR_AUTO(hash_list) athar_hash_list list = {NULL, 0, 0, 0};
	athar_error ignored = ATHAR_ERROR_INIT;
	size_t lines = 0;

	if (athar_log_begins(head, "%%%% HASHDEEP"))
		return 90;
	for (const char *p = head; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		lines += *p != '#' && *p != '\n' && *p != '\r';
	if (athar_hash_list_parse(&list, head, strlen(head), &ignored) != ATHAR_OK)
		return 0;
	/* The last line may be cut. */
	return list.count + 1 >= lines ? 50 : 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *other = strrchr(path, '\\');

	if (other != NULL && (slash == NULL || other > slash))
		slash = other;
	return slash == NULL ? path : slash + 1;
}

static athar_status add(athar_said *out, const athar_hash_entry *e, athar_error *err)
{
	unsigned either = ATHAR_SHA512 | ATHAR_BLAKE2B;

	if ((e->digests.algorithms & either) == either)
		return athar_said_add_hash(out, ATHAR_OF_FILE, either,
		                           athar_digests_get(&e->digests, ATHAR_SHA512),
		                           base_of(e->name), err);
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (e->digests.algorithms & 1u << bit)
			ATHAR_TRY(athar_said_add_hash(out, ATHAR_OF_FILE, 1u << bit,
			                              athar_digests_get(&e->digests, 1u << bit),
			                              base_of(e->name), err));
	return ATHAR_OK;
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	ATHAR_AUTO(hash_list) athar_hash_list list = {NULL, 0, 0, 0};
	athar_error mine = ATHAR_ERROR_INIT;
	athar_status status = athar_hash_list_parse(&list, log->text, log->len, &mine);

	if (status == ATHAR_ENOMEM)
		*err = mine;
	for (const char *line; status == ATHAR_OK && (line = athar_log_line(log)) != NULL;)
		out->lines++;
	for (size_t i = 0; status == ATHAR_OK && i < list.count; i++)
		ATHAR_TRY(add(out, &list.entry[i], err));
	return status == ATHAR_ENOMEM ? status : ATHAR_OK;
}

const athar_log_format athar_log_hashes = {.name = "hash list", .bid = bid, .parse = parse};
