/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_give.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/content.h"
#include "volume/times.h"

#define EXTEND_NUMBER 11u
#define PARTS_MOST ((size_t)4096)
#define PARTS_IN_ALL UINT64_C(8000000) /* records can all claim the same ones */
#define HASH_START UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

/* A part of a stream: an attribute in one of the file's records. */
typedef struct part {
	uint64_t at;   /* of the record, in the image */
	uint32_t attr; /* where in the record */
	bool named;
	uint64_t name; /* hash */
	uint64_t first;
} part;

/* A record at hand. */
typedef struct giving {
	athar_ntfs_lost *l;
	const athar_ntfs_lost_record *lost;
	const athar_ntfs_record *record;
	athar_state state;
	bool in_known_folder; /* its folder is one of this volume's, and not the root */
	bool continued;       /* it has a list of attributes: parts are in other records */
	part *part;
	size_t count, capacity;
} giving;

static uint64_t hash(uint64_t h, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * HASH_PRIME;
	return h;
}

/* ---- paths ---- */

static athar_status push_all(athar_ntfs_lost *l, const athar_ntfs_folders *folders,
                             const athar_ntfs_folder *const *folder, size_t count, athar_error *err)
{
	for (size_t i = count; i > 0; i--)
		ATHAR_TRY(athar_walk_push(l->w, folders->names + folder[i - 1]->name,
		                          folder[i - 1]->name_len, err));
	return ATHAR_OK;
}

/* A lost folder may have been in one that is still there; never the other way round. */
athar_status athar_ntfs_lost_path(bool *known, athar_ntfs_lost *l, athar_ntfs_ref folder,
                                  bool former, athar_error *err)
{
	const athar_ntfs_folder *lost[ATHAR_NTFS_DEPTH];
	const athar_ntfs_folder *there[ATHAR_NTFS_DEPTH];
	athar_ntfs_ref top = folder;
	size_t lost_count, there_count = 0;
	bool rooted;

	l->w->path_len = 0;
	if (!former)
		there_count =
			athar_ntfs_folders_climb(there, &rooted, &l->present->folders, folder);
	*known = there_count > 0;
	if (there_count > 0)
		return push_all(l, &l->present->folders, there, there_count, err);
	lost_count = athar_ntfs_folders_climb(lost, &rooted, &l->found.folders, folder);
	if (lost_count > 0) {
		const uint64_t key = lost[lost_count - 1]->parent;

		top = (athar_ntfs_ref){key >> 16, (uint16_t)key};
	}
	if (!former && lost_count > 0)
		there_count = athar_ntfs_folders_climb(there, &rooted, &l->present->folders, top);
	*known = lost_count > 0 || rooted;
	ATHAR_TRY(push_all(l, &l->present->folders, there, there_count, err));
	return push_all(l, &l->found.folders, lost, lost_count, err);
}

static athar_status set_path(giving *g, const athar_ntfs_name *name, athar_error *err)
{
	uint8_t text[ATHAR_NTFS_TEXT_MOST];
	const athar_ntfs_folder *folder[ATHAR_NTFS_DEPTH];
	bool rooted;

	if (name == NULL) {
		g->l->w->path_len = 0;
		return ATHAR_OK;
	}
	g->in_known_folder = !g->lost->former &&
	                     athar_ntfs_folders_climb(folder, &rooted, &g->l->present->folders,
	                                              name->parent) > 0;
	ATHAR_TRY(athar_ntfs_lost_path(&rooted, g->l, name->parent, g->lost->former, err));
	return athar_walk_push(g->l->w, text, athar_ntfs_text(text, name->name, name->name_len),
	                       err);
}

/* ---- what is known already ---- */

/* Files of the file system itself, which every volume has. */
static bool is_system(const giving *g, const athar_ntfs_name *name)
{
	if (g->lost->numbered && g->record->ref.number < ATHAR_NTFS_FIRST_USER)
		return true;
	return name != NULL && (name->parent.number == EXTEND_NUMBER ||
	                        (!g->lost->numbered && athar_le16(name->name) == '$' &&
	                         name->parent.number == ATHAR_NTFS_ROOT_NUMBER));
}

static bool next_data(athar_ntfs_attr *out, const athar_ntfs_record *r, uint32_t *at)
{
	while (athar_ntfs_attr_next(out, r, at)) {
		if (out->type == ATHAR_NTFS_TYPE_DATA)
			return true;
	}
	return false;
}

static bool same_content(const athar_ntfs_record *a, const athar_ntfs_record *b)
{
	uint32_t at = 0, bt = 0;
	athar_ntfs_attr x, y;

	for (;;) {
		const bool more = next_data(&x, a, &at);

		if (more != next_data(&y, b, &bt))
			return false;
		if (!more)
			return true;
		if (x.size != y.size || x.len != y.len || x.resident != y.resident ||
		    memcmp(x.bytes, y.bytes, x.len) != 0)
			return false;
	}
}

static bool same_name(const athar_ntfs_name *a, const athar_ntfs_name *b)
{
	return athar_ntfs_ref_key(a->parent) == athar_ntfs_ref_key(b->parent) &&
	       a->name_len == b->name_len && memcmp(a->name, b->name, 2 * a->name_len) == 0;
}

/* The table has the same use of the record: it is given by the table, unless it was another content
 * then. */
static bool known_by_table(giving *g, const athar_ntfs_name *name)
{
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_name there;

	if (!g->lost->numbered || name == NULL ||
	    !athar_ntfs_present_record(&r, bytes, g->l->present, g->record->ref.number) ||
	    r.ref.sequence != g->record->ref.sequence || !athar_ntfs_record_name(&there, &r) ||
	    !same_name(name, &there))
		return false;
	if (g->record->folder || same_content(&r, g->record))
		return true;
	g->state = ATHAR_STATE_EARLIER;
	return false;
}

/* A copy of a record that was given: the same but for what changes when it is written. */
static athar_status known_by_copy(bool *known, const giving *g, athar_error *err)
{
	const athar_ntfs_record *r = g->record;
	uint64_t h = hash(HASH_START, (const uint8_t *)&g->lost->key, sizeof g->lost->key);
	athar_ntfs_attr attr;
	bool fresh;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_DATA || attr.type == ATHAR_NTFS_TYPE_NAME)
			h = hash(h, attr.bytes, attr.len);
	}
	ATHAR_TRY(athar_seen_add(&g->l->bodies, h, &fresh, err));
	*known = !fresh;
	return ATHAR_OK;
}

/* ---- parts ---- */

static athar_status collect(giving *g, uint64_t record_at, const athar_ntfs_record *r,
                            athar_error *err)
{
	athar_ntfs_attr attr;

	for (uint32_t at = 0, from = 0; athar_ntfs_attr_next(&attr, r, &at); from = at) {
		const part p = {.at = record_at,
		                .attr = from,
		                .named = attr.name_len > 0,
		                .name = hash(HASH_START, attr.name, 2 * attr.name_len),
		                .first = attr.resident ? 0 : attr.first};

		if (attr.type == ATHAR_NTFS_TYPE_LIST)
			g->continued = true;
		if (attr.type != ATHAR_NTFS_TYPE_DATA || g->count >= PARTS_MOST)
			continue;
		ATHAR_TRY(athar_grow(&g->part, &g->capacity, g->count + 1, sizeof *g->part, err));
		g->part[g->count++] = p;
	}
	return ATHAR_OK;
}

static int by_stream(const void *a, const void *b, const void *user)
{
	const part *x = a;
	const part *y = b;

	(void)user;
	if (x->named != y->named)
		return x->named ? 1 : -1;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static athar_status collect_all(giving *g, athar_error *err)
{
	const athar_ntfs_found *found = &g->l->found;
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	size_t i, end;

	ATHAR_TRY(collect(g, g->lost->at, g->record, err));
	end = g->continued ? athar_ntfs_found_parts(&i, found, g->lost->key) : 0;
	for (; g->continued && i < end && g->count < PARTS_MOST && g->l->parts < PARTS_IN_ALL;
	     i++, g->l->parts++) {
		const uint64_t at = found->record[found->part[i]].at;

		if (athar_ntfs_found_read(&r, bytes, g->l->w->volume->image, at))
			ATHAR_TRY(collect(g, at, &r, err));
	}
	athar_sort(g->part, g->count, sizeof *g->part, by_stream, NULL);
	return ATHAR_OK;
}

/* The attribute of a part, its record read again. */
static bool load_part(athar_ntfs_attr *out, athar_ntfs_record *r,
                      uint8_t bytes[ATHAR_NTFS_RECORD_MOST], const giving *g, const part *p)
{
	uint32_t at = p->attr;

	return athar_ntfs_found_read(r, bytes, g->l->w->volume->image, p->at) &&
	       athar_ntfs_attr_next(out, r, &at) && out->type == ATHAR_NTFS_TYPE_DATA;
}

/* ---- streams ---- */

static bool is_continued(const athar_ntfs_record *r)
{
	athar_ntfs_attr attr;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_LIST)
			return true;
	}
	return r->base.number != 0;
}

/* *good: what the attribute says of clusters fits the volume. Of compressed content nothing is
 * voted on: it is read later, by this record alone. */
static athar_ntfs_ground ground_of(bool *good, const athar_ntfs_found *found,
                                   const athar_volume *volume, const athar_ntfs_record *r,
                                   const athar_ntfs_attr *attr, bool former)
{
	const bool packed = (attr->flags & ATHAR_NTFS_COMPRESSED) != 0;
	const uint64_t cluster = is_continued(r) ? 0 : athar_ntfs_attr_cluster(attr);
	const bool empty = attr->allocated == 0 && attr->last == UINT64_MAX;

	*good = is_continued(r) || empty || cluster == volume->fs->block_size ||
	        (former && cluster != 0);
	return athar_ntfs_found_ground(found, volume, former && !packed, cluster);
}

static athar_status gather(athar_ntfs_stream *s, const giving *g, const part *p, size_t count,
                           const athar_ntfs_ground *ground, bool *good, athar_error *err)
{
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_attr attr;

	*good = true;
	for (size_t i = 0; i < count && *good; i++) {
		if (i > 0 && (p[i].first < s->clusters || s->unit > 0))
			continue;
		*good = load_part(&attr, &r, bytes, g, &p[i]);
		if (*good)
			ATHAR_TRY(athar_ntfs_stream_part(s, &attr, ground, good, err));
	}
	/* What stood in the first is believed without the others. */
	*good = *good || s->clusters > 0;
	return ATHAR_OK;
}

static athar_status resident_extents(athar_extents *out, const athar_ntfs_record *r, uint64_t at,
                                     const athar_ntfs_attr *attr, athar_error *err)
{
	const uint32_t from = (uint32_t)(attr->bytes - r->bytes);
	const uint32_t end = from + (uint32_t)attr->len;
	uint32_t length;

	for (uint32_t i = from; i < end; i += length) {
		const uint32_t stored = athar_mft_piece(r->bytes, i, end, &length);

		ATHAR_TRY(athar_extents_add_data(out, at + stored, length, err));
	}
	return ATHAR_OK;
}

static void set_times(athar_volume_file *file, const athar_ntfs_record *r)
{
	athar_ntfs_standard s;
	athar_ntfs_name n;

	if (athar_ntfs_record_standard(&s, r)) {
		athar_times_add_filetime(file, false, "modified", "ntfs.si", s.modified);
		athar_times_add_filetime(file, false, "accessed", "ntfs.si", s.accessed);
		athar_times_add_filetime(file, false, "changed", "ntfs.si", s.changed);
		athar_times_add_filetime(file, false, "created", "ntfs.si", s.created);
	}
	if (athar_ntfs_record_name(&n, r)) {
		athar_times_add_filetime(file, false, "modified", "ntfs.fn", n.modified);
		athar_times_add_filetime(file, false, "created", "ntfs.fn", n.created);
	}
}

/* Why its places are to be believed, or are not. */
static void judge(athar_volume_file *file, const giving *g, const athar_ntfs_attr *attr)
{
	const uint64_t missing = athar_extents_of_kind(&file->extents, ATHAR_EXTENT_MISSING);

	if (g->lost->former)
		snprintf(file->why, sizeof file->why,
		         "by a record of before the volume was formatted");
	if (!attr->resident && !g->in_known_folder &&
	    !athar_ntfs_found_anchored(&g->l->found, g->lost, g->record->size)) {
		file->assumed = true;
		snprintf(file->why, sizeof file->why,
		         "by a record in free space: that its clusters are this volume's is "
		         "assumed");
	}
	if (missing > 0)
		snprintf(file->why, sizeof file->why,
		         "for %llu of its %llu bytes no record was found that gives a place",
		         (unsigned long long)missing, (unsigned long long)file->size);
	if ((attr->flags & ATHAR_NTFS_ENCRYPTED) != 0)
		snprintf(file->why, sizeof file->why,
		         "encrypted by the file system: what lies there is not the content in "
		         "clear");
	file->readable = missing < file->size || file->size == 0;
}

static athar_status push_stream_name(athar_walk *w, const athar_ntfs_attr *attr, athar_error *err)
{
	uint8_t text[1 + ATHAR_NTFS_TEXT_MOST] = ":";
	const size_t len = 1 + athar_ntfs_text(text + 1, attr->name, attr->name_len);

	ATHAR_TRY(athar_grow(&w->path, &w->path_capacity, w->path_len + len + 1, 1, err));
	memcpy(w->path + w->path_len, text, len);
	w->path_len += len;
	return ATHAR_OK;
}

static void start(athar_volume_file *file, const giving *g)
{
	*file = (athar_volume_file){
		.state = g->state, .method = ATHAR_METHOD_METADATA, .readable = true};
	file->meta = ATHAR_META_AT | g->lost->at;
	snprintf(file->address, sizeof file->address, "mft@%llu", (unsigned long long)g->lost->at);
	set_times(file, g->record);
}

static athar_status place_stream(athar_volume_file *file, const giving *g, const part *p,
                                 size_t count, const athar_ntfs_record *r,
                                 const athar_ntfs_attr *attr, bool *good, athar_error *err)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	athar_ntfs_ground ground;

	*good = true;
	if (attr->resident)
		return resident_extents(&file->extents, r, p->at, attr, err);
	ground = ground_of(good, &g->l->found, g->l->w->volume, r, attr, g->lost->former);
	if (*good)
		ATHAR_TRY(gather(&s, g, p, count, &ground, good, err));
	return *good ? athar_ntfs_stream_extents(&file->extents, &s, &ground, err) : ATHAR_OK;
}

static athar_status give_stream(const giving *g, const part *p, size_t count,
                                const athar_ntfs_record *r, const athar_ntfs_attr *attr,
                                athar_error *err)
{
	athar_walk *w = g->l->w;
	const size_t path_len = w->path_len;
	athar_volume_file file;
	athar_status status;
	bool good;

	start(&file, g);
	file.meta = ATHAR_META_AT | p->at;
	file.type = attr->type;
	file.id = attr->id;
	file.size = attr->size;
	snprintf(file.address, sizeof file.address, "mft@%llu-%u-%u", (unsigned long long)p->at,
	         (unsigned)attr->type, (unsigned)attr->id);
	status = place_stream(&file, g, p, count, r, attr, &good, err);
	if (status == ATHAR_OK && good) {
		judge(&file, g, attr);
		if (attr->name_len > 0)
			status = push_stream_name(w, attr, err);
		if (status == ATHAR_OK)
			status = athar_walk_hand_over(w, &file, err);
		w->path_len = path_len;
	}
	if (!good)
		g->l->contradictory++;
	athar_extents_clear(&file.extents);
	return status;
}

/* The parts of one stream. Without its first it has no size. */
static athar_status give_parts(const giving *g, const part *p, size_t count, athar_error *err)
{
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_attr attr;

	if (p->first != 0 || !load_part(&attr, &r, bytes, g, p))
		return ATHAR_OK;
	return give_stream(g, p, count, &r, &attr, err);
}

/* A file of whose content no record was found. */
static athar_status give_without(const giving *g, const athar_ntfs_name *name, athar_error *err)
{
	athar_volume_file file;
	athar_status status;

	start(&file, g);
	file.size = name != NULL && name->size <= INT64_MAX ? name->size : 0;
	status = athar_content_lost(
		&file, err, "its record goes on in others, and none was found that has its places");
	if (status == ATHAR_OK)
		status = athar_walk_hand_over(g->l->w, &file, err);
	athar_extents_clear(&file.extents);
	return status;
}

static athar_status give_streams(giving *g, const athar_ntfs_name *name, athar_error *err)
{
	bool any = false;

	ATHAR_TRY(collect_all(g, err));
	for (size_t i = 0, count; i < g->count; i += count) {
		const part *p = &g->part[i];

		for (count = 1; i + count < g->count && p[count].named == p->named &&
		                p[count].name == p->name;)
			count++;
		any = any || (!p->named && p->first == 0);
		ATHAR_TRY(give_parts(g, p, count, err));
	}
	return any || g->record->folder || !g->continued ? ATHAR_OK : give_without(g, name, err);
}

static athar_status give_all(giving *g, const athar_ntfs_name *name, athar_error *err)
{
	athar_volume_file folder;
	athar_status status;

	ATHAR_TRY(set_path(g, name, err));
	if (g->record->folder) {
		start(&folder, g);
		folder.folder = true;
		ATHAR_TRY(athar_walk_hand_over(g->l->w, &folder, err));
	}
	status = give_streams(g, name, err);
	free(g->part);
	g->l->w->path_len = 0;
	return status;
}

/* The name of a file with many parts can be in one of its other records. */
static bool name_elsewhere(athar_ntfs_name *out, uint8_t bytes[ATHAR_NTFS_RECORD_MOST],
                           const giving *g)
{
	const athar_ntfs_found *found = &g->l->found;
	size_t i;
	const size_t end = athar_ntfs_found_parts(&i, found, g->lost->key);
	athar_ntfs_record r;

	for (size_t most = i + PARTS_MOST;
	     i < end && i < most && is_continued(g->record) && g->l->parts < PARTS_IN_ALL;
	     i++, g->l->parts++) {
		if (athar_ntfs_found_read(&r, bytes, g->l->w->volume->image,
		                          found->record[found->part[i]].at) &&
		    athar_ntfs_record_name(out, &r))
			return true;
	}
	return false;
}

athar_status athar_ntfs_give_record(athar_ntfs_lost *l, const athar_ntfs_lost_record *lost,
                                    athar_error *err)
{
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST], other[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_name name;
	giving g = {.l = l, .lost = lost, .record = &r, .state = ATHAR_STATE_ORPHAN};
	const athar_ntfs_name *named;
	bool known;

	if (lost->base != 0 || !athar_ntfs_found_read(&r, bytes, l->w->volume->image, lost->at))
		return ATHAR_OK;
	named = athar_ntfs_record_name(&name, &r) || name_elsewhere(&name, other, &g) ? &name
	                                                                              : NULL;
	if (is_system(&g, named) || known_by_table(&g, named))
		return ATHAR_OK;
	ATHAR_TRY(known_by_copy(&known, &g, err));
	return known ? ATHAR_OK : give_all(&g, named, err);
}

athar_status athar_ntfs_give_stream(athar_ntfs_stream *out, athar_ntfs_ground *ground, bool *good,
                                    athar_volume *volume, uint64_t at, uint32_t type, uint16_t id,
                                    athar_error *err)
{
	const athar_ntfs_found nothing = ATHAR_NTFS_FOUND_INIT;
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_attr attr;

	*good = false;
	if (!athar_ntfs_found_read(&r, bytes, volume->image, at))
		return ATHAR_OK;
	for (uint32_t i = 0; athar_ntfs_attr_next(&attr, &r, &i);) {
		if (attr.type != type || attr.id != id || attr.resident)
			continue;
		*ground = ground_of(good, &nothing, volume, &r, &attr, true);
		return *good ? athar_ntfs_stream_part(out, &attr, ground, good, err) : ATHAR_OK;
	}
	return ATHAR_OK;
}
