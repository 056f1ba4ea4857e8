/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ext2, ext3, ext4: the descriptors say where bitmaps and inode tables are, the inodes where the
 * folders are and the blocks that say where large files are.
 */
#include "base/alloc.h"
#include "base/check.h"
#include "image/lacking.h"
#include "volume/layout_ext.h"
#include "volume/plan.h"

#define SUPER 1024u
#define ROOT 2u
#define FIRST_FREE 11u /* inodes below are the system's own; of them only the root is walked */
#define BLOCK_MOST 65536u
#define DEPTH_MOST 6u
#define NODES_MOST 4000000u /* blocks of maps that are read: a hostile one leads in circles */

typedef struct ext {
	athar_plan *plan;
	athar_ext_layout layout;
	athar_ext_kind kind; /* of the inode at hand */
	uint64_t nodes;
	uint8_t *node[DEPTH_MOST]; /* a block for each level of a map */
	uint8_t *table;            /* ATHAR_PLAN_BUFFER bytes */
} ext;

static void ext_end(ext *x)
{
	for (unsigned i = 0; i < DEPTH_MOST; i++)
		free(x->node[i]);
	free(x->table);
}
ATHAR_DEFINE_AUTO_VALUE(ext, ext, ext_end)

static athar_status new_buffers(ext *x, athar_error *err)
{
	x->table = athar_alloc(ATHAR_PLAN_BUFFER, err);
	for (unsigned i = 0; x->table != NULL && i < DEPTH_MOST; i++) {
		x->node[i] = athar_alloc(BLOCK_MOST, err);
		if (x->node[i] == NULL)
			return ATHAR_ENOMEM;
	}
	return x->table != NULL ? ATHAR_OK : ATHAR_ENOMEM;
}

/* The volume's own count may be anything; groups that begin behind its end are not there. */
static void bound_groups(ext *x)
{
	const uint64_t blocks = x->plan->info->length / x->layout.block;

	x->layout.groups = athar_min(x->layout.groups, blocks / x->layout.blocks_per_group + 1);
}

/* Groups whose descriptor fills a block with others. */
static uint64_t in_a_block(const ext *x)
{
	return x->layout.block / x->layout.descriptor;
}

static athar_status add_descriptors(ext *x, athar_error *err)
{
	for (uint64_t g = 0; g < x->layout.groups && !x->plan->full; g += in_a_block(x)) {
		ATHAR_TRY(athar_plan_add(x->plan, &x->plan->maps,
		                         athar_ext_descriptor(&x->layout, g), x->layout.block,
		                         err));
		ATHAR_TRY(athar_plan_beat(x->plan, err));
	}
	return ATHAR_OK;
}

typedef athar_status (*on_group)(ext *x, uint64_t group, const athar_ext_group *g,
                                 athar_error *err);

/* Each group by its descriptor; what is bad has none. */
static athar_status each_group(ext *x, on_group call, athar_error *err)
{
	athar_plan *p = x->plan;
	const uint64_t per_block = in_a_block(x);

	for (uint64_t first = 0; first < x->layout.groups && !p->full; first += per_block) {
		const uint64_t at = athar_ext_descriptor(&x->layout, first);
		const uint64_t count = athar_min(per_block, x->layout.groups - first);

		if (!athar_inside(at, x->layout.block, p->info->length))
			continue;
		ATHAR_TRY(athar_plan_read(p, p->source, p->info->offset + at, p->buffer,
		                          x->layout.block, err));
		for (uint64_t i = 0; i < count; i++) {
			athar_ext_group g;

			athar_ext_group_read(&g, &x->layout, p->buffer + i * x->layout.descriptor);
			ATHAR_TRY(call(x, first + i, &g, err));
		}
	}
	return ATHAR_OK;
}

static athar_status add_group(ext *x, uint64_t group, const athar_ext_group *g, athar_error *err)
{
	athar_plan *p = x->plan;

	(void)group;
	if (g->block_bitmap != 0)
		ATHAR_TRY(athar_plan_add(p, &p->maps, g->block_bitmap, x->layout.block, err));
	if (p->maps_only || g->inode_table == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_add(p, &p->rest, g->inode_bitmap, x->layout.block, err));
	return athar_plan_add(
		p, &p->rest, g->inode_table,
		athar_round_up((uint64_t)g->inodes * x->layout.inode, x->layout.block), err);
}

static athar_status take_child(void *user, const athar_ext_child *c, athar_error *err);

/* A block of a map that has to be read to know what is below it. */
static athar_status descend(ext *x, const athar_ext_child *c, athar_error *err)
{
	athar_plan *p = x->plan;
	uint8_t *node = x->node[c->depth < DEPTH_MOST ? c->depth : 0];
	bool there;

	if (c->depth >= DEPTH_MOST || x->nodes >= NODES_MOST) {
		p->whole = false;
		return ATHAR_OK;
	}
	x->nodes++;
	if (!athar_inside(c->offset, x->layout.block, p->info->length))
		return ATHAR_OK;
	there = athar_lacking_has(p->source, p->info->offset + c->offset, x->layout.block);
	p->whole = p->whole && there;
	if (!there)
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_read(p, p->source, p->info->offset + c->offset, node, x->layout.block,
	                          err));
	return athar_ext_map_children(&x->layout, c, node, take_child, x, err);
}

static athar_status take_child(void *user, const athar_ext_child *c, athar_error *err)
{
	ext *x = user;

	if (c->depth == 0 && x->kind != ATHAR_EXT_CONTENT)
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_add(x->plan, &x->plan->rest, c->offset, c->length, err));
	/* Of a file the last level leads to its content only. */
	if (c->depth > (x->kind == ATHAR_EXT_CONTENT ? 0u : 1u) && !x->plan->full)
		return descend(x, c, err);
	return ATHAR_OK;
}

static athar_status take_inode(ext *x, uint64_t number, const uint8_t *inode, athar_error *err)
{
	x->kind = athar_ext_inode_kind(inode);
	if (x->kind == ATHAR_EXT_NONE || (number < FIRST_FREE && number != ROOT))
		return ATHAR_OK;
	return athar_ext_inode_children(&x->layout, inode, take_child, x, err);
}

static athar_status take_table(ext *x, uint64_t group, const athar_ext_group *g, athar_error *err)
{
	athar_plan *p = x->plan;
	const uint64_t size = (uint64_t)g->inodes * x->layout.inode;

	if (g->inode_table == 0 || !athar_inside(g->inode_table, size, p->info->length))
		return ATHAR_OK;
	for (uint64_t at = 0; at < size && !p->full; at += ATHAR_PLAN_BUFFER) {
		const size_t len = (size_t)athar_min(ATHAR_PLAN_BUFFER, size - at);
		const uint64_t first =
			group * x->layout.inodes_per_group + at / x->layout.inode + 1;

		ATHAR_TRY(athar_plan_read(p, p->source, p->info->offset + g->inode_table + at,
		                          x->table, len, err));
		for (size_t i = 0; len - i >= x->layout.inode; i += x->layout.inode)
			ATHAR_TRY(take_inode(x, first + i / x->layout.inode, x->table + i, err));
	}
	return ATHAR_OK;
}

athar_status athar_plan_ext(athar_plan *p, athar_error *err)
{
	ATHAR_AUTO(ext) ext x = {.plan = p};
	uint8_t super[ATHAR_EXT_SUPER];
	bool there;

	ATHAR_TRY(athar_plan_get(p, &p->maps, &there, SUPER, super, sizeof super, err));
	p->whole = p->whole && there && athar_ext_layout_read(&x.layout, super);
	if (!p->whole)
		return ATHAR_OK;
	bound_groups(&x);
	ATHAR_TRY(new_buffers(&x, err));
	ATHAR_TRY(add_descriptors(&x, err));
	ATHAR_TRY(athar_plan_settle(p, &there, err));
	if (!there)
		return ATHAR_OK;
	ATHAR_TRY(each_group(&x, add_group, err));
	ATHAR_TRY(athar_plan_settle(p, &there, err));
	return there && !p->maps_only ? each_group(&x, take_table, err) : ATHAR_OK;
}
