/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In which order segments of nodes were filled between two checkpoints: each node says where its
 * log goes on, and where that is another segment, the one follows the other.
 */
#include "base/alloc.h"
#include "base/sort.h"
#include "volume/f2fs_stale.h"

static int by_version_and_segment(const void *a, const void *b, const void *user)
{
	const athar_f2fs_link *x = a, *y = b;

	(void)user;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static athar_f2fs_link *find(const athar_f2fs_stale *stale, uint32_t version, uint32_t from)
{
	const athar_f2fs_link key = {.version = version, .from = from};
	size_t low = 0, high = stale->links;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (by_version_and_segment(&stale->link[middle], &key, NULL) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == stale->links || by_version_and_segment(&stale->link[low], &key, NULL) != 0)
		return NULL;
	return &stale->link[low];
}

athar_status athar_f2fs_links_add(athar_f2fs_stale *stale, uint32_t version, uint32_t from,
                                  uint32_t to, athar_error *err)
{
	const athar_f2fs_link *last = stale->links > 0 ? &stale->link[stale->links - 1] : NULL;

	if (from == to || (last != NULL && last->version == version && last->from == from))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&stale->link, &stale->link_capacity, stale->links + 1,
	                     sizeof *stale->link, err));
	stale->link[stale->links++] = (athar_f2fs_link){version, from, to, 0};
	return ATHAR_OK;
}

/* A chain is gone along from its last segment that has a rank; a rank is never lowered, and none
 * passes the number of links, so that circles end. */
static void go_along(athar_f2fs_stale *stale, athar_f2fs_link *link, size_t most)
{
	for (size_t i = 0; i < most; i++) {
		athar_f2fs_link *next = find(stale, link->version, link->to);

		if (next == NULL || next->rank > link->rank)
			return;
		next->rank = link->rank + 1;
		link = next;
	}
}

void athar_f2fs_links_order(athar_f2fs_stale *stale)
{
	/* Segments that a log filled between two checkpoints: 64 are 128 MiB of nodes. */
	const size_t most = 64;

	if (stale->links == 0)
		return;
	athar_sort(stale->link, stale->links, sizeof *stale->link, by_version_and_segment, NULL);
	for (size_t i = 0; i < stale->links; i++)
		go_along(stale, &stale->link[i], most);
}

uint32_t athar_f2fs_stale_rank(const athar_f2fs *fs, uint32_t version, uint32_t address)
{
	const uint32_t segment = (address - fs->super.main) / ATHAR_F2FS_SEGMENT;
	const athar_f2fs_link *link = find(fs->stale, version, segment);

	/* The last segment of a chain has no link of its own: it comes after all that have. */
	return link != NULL ? link->rank : UINT32_MAX;
}
