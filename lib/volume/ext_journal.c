/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_journal.h"

#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "volume/ext_folders.h"
#include "volume/ext_found.h"

#define SOURCE "ext4.journal"
#define NODES_MOST \
	UINT64_C(2000000) /* blocks of maps that are read: a hostile one leads in circles */

#define COPIES_MOST 256u /* blocks of one extent that are looked up in the journal */

#define TIME_END (INT64_C(1) << 34) /* ext4 knows no later time */

/* All that the journal says. */
typedef struct story {
	athar_walk *walk;
	athar_ext x;
	athar_jbd2 j;
	athar_ext_nodes nodes;
	athar_ext_history history;
	athar_ext_names names;
	athar_ext_finds finds;
} story;

static void story_end(story *s)
{
	athar_ext_finds_clear(&s->finds);
	athar_ext_names_close(&s->names);
	athar_ext_history_clear(&s->history);
	athar_jbd2_close(&s->j);
	athar_ext_close(&s->x);
}
ATHAR_DEFINE_AUTO_VALUE(story, story, story_end)

static athar_status beat(void *user, athar_error *err)
{
	return athar_walk_beat(user, err);
}

/* ---- what is told of one ---- */

static void add_time(athar_volume_file *file, const char *meaning, int64_t seconds,
                     uint32_t nanoseconds)
{
	athar_item_time *t;

	if ((seconds == 0 && nanoseconds == 0) || file->time_count >= ATHAR_ITEM_TIMES)
		return;
	t = &file->times[file->time_count++];
	snprintf(t->meaning, sizeof t->meaning, "%s", meaning);
	snprintf(t->source, sizeof t->source, SOURCE);
	snprintf(t->zone, sizeof t->zone, "utc");
	t->seconds = seconds;
	t->nanoseconds = nanoseconds;
}

static void set_times(athar_volume_file *file, const athar_ext_inode *i, uint32_t deleted)
{
	add_time(file, "modified", i->modified.seconds, i->modified.nanoseconds);
	add_time(file, "accessed", i->accessed.seconds, i->accessed.nanoseconds);
	add_time(file, "changed", i->changed.seconds, i->changed.nanoseconds);
	if (i->has_created)
		add_time(file, "created", i->created.seconds, i->created.nanoseconds);
	add_time(file, "deleted", deleted, 0);
}

static void set_owner(athar_volume_file *file, const athar_ext_inode *i)
{
	snprintf(file->owner, sizeof file->owner, "%u", (unsigned)i->uid);
	snprintf(file->group, sizeof file->group, "%u", (unsigned)i->gid);
	snprintf(file->mode, sizeof file->mode, "%04o", (unsigned)i->mode & 07777U);
}

static uint32_t sequence_of(const story *s, const athar_ext_version *v)
{
	return v->copy == ATHAR_EXT_HOME ? s->j.super.sequence
	                                 : (uint32_t)s->j.copy[v->copy].order + s->j.super.sequence;
}

/* The number alone means the last that had it, if nothing has it now. */
static bool is_last(const story *s, size_t index)
{
	const athar_ext_found *f = &s->finds.found[index];
	const athar_ext_life *l = &s->history.life[f->life];

	return f->state != ATHAR_STATE_EARLIER && l->current;
}

static void set_address(athar_volume_file *file, const story *s, size_t index)
{
	const athar_ext_found *f = &s->finds.found[index];

	file->meta = f->inode.number;
	if (is_last(s, index))
		snprintf(file->address, sizeof file->address, "%u", (unsigned)f->inode.number);
	else
		snprintf(file->address, sizeof file->address, "%u@%u", (unsigned)f->inode.number,
		         (unsigned)sequence_of(s, &s->history.version[f->version]));
}

/* " of 2020-10-27T05:15:39Z", or nothing. */
static void commit_text(char *out, size_t size, const story *s, int32_t order)
{
	const athar_jbd2_commit *c = athar_jbd2_commit_of(&s->j, order);
	char time[32];

	out[0] = '\0';
	if (c != NULL && c->time.seconds > 0 && c->time.seconds < TIME_END)
		snprintf(out, size, " of %s", athar_text_time(time, sizeof time, c->time.seconds));
}

static void tell_source(athar_volume_file *file, const story *s, const athar_ext_found *f)
{
	const athar_ext_version *v = &s->history.version[f->version];
	char when[64];

	if (v->copy == ATHAR_EXT_HOME) {
		snprintf(file->why, sizeof file->why,
		         "the inode still says where its content is; the journal has its name");
		return;
	}
	commit_text(when, sizeof when, s, s->j.copy[v->copy].order);
	if (athar_jbd2_lost(&s->j, f->order) <= 1)
		snprintf(file->why, sizeof file->why, "the journal has its inode: transaction %u%s",
		         (unsigned)sequence_of(s, v), when);
	else
		snprintf(file->why, sizeof file->why,
		         "the journal has its inode: transaction %u%s; of those after it %llu are "
		         "not in it any more",
		         (unsigned)sequence_of(s, v), when,
		         (unsigned long long)athar_jbd2_lost(&s->j, f->order));
}

/* ---- its content ---- */

static athar_status lose(athar_volume_file *file, const char *why, athar_error *err)
{
	const athar_extent all = {
		.image = ATHAR_NOWHERE, .length = file->size, .kind = ATHAR_EXTENT_MISSING};

	file->readable = false;
	snprintf(file->why, sizeof file->why, "%s", why);
	return file->size == 0 ? ATHAR_OK : athar_extents_add(&file->extents, all, err);
}

static uint64_t missing_of(const athar_extents *x)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->count; i++) {
		if (x->extent[i].kind == ATHAR_EXTENT_MISSING)
			sum += x->extent[i].length;
	}
	return sum;
}

/* Index of the first copy of this block or a later one. */
static size_t copies_from(const athar_jbd2 *j, uint64_t block)
{
	size_t low = 0, high = j->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (j->copy[middle].home < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether a copy of one of the blocks was made while the file had them. */
static bool has_copy(const story *s, const athar_extent *e, int32_t since, int32_t until)
{
	const athar_jbd2 *j = &s->j;
	const uint64_t block = s->x.layout.block;
	const int32_t before = until < ATHAR_JBD2_NOW ? until + 1 : until;
	const uint64_t end = athar_round_up(e->image - s->x.base + e->length, block) / block;
	size_t i = copies_from(j, (e->image - s->x.base) / block);

	for (unsigned tries = 0; i < j->count && j->copy[i].home < end; tries++) {
		const uint64_t home = j->copy[i].home;
		const athar_jbd2_copy *copy = athar_jbd2_newest(j, home, before);

		if (tries >= COPIES_MOST || (copy != NULL && copy->order >= since))
			return true;
		i = copies_from(j, home + 1);
	}
	return false;
}

/* With data=journal the content goes through the journal, and of a file that is deleted soon it
 * never gets to its place. */
static void doubt_written(athar_volume_file *file, const story *s, const athar_ext_found *f)
{
	const int32_t since = s->history.life[f->life].since;

	for (size_t i = 0; i < f->extents.count && !f->inside; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind != ATHAR_EXTENT_DATA || !has_copy(s, e, since, f->order))
			continue;
		file->assumed = true;
		snprintf(file->why, sizeof file->why,
		         "its content went through the journal: what lies in its place may be "
		         "older");
		return;
	}
}

static athar_status set_content(athar_volume_file *file, const story *s, const athar_ext_found *f,
                                athar_error *err)
{
	file->readable = true;
	if (file->folder)
		return ATHAR_OK;
	file->size = f->inode.size;
	if (file->size == 0)
		return lose(file,
		            "the journal has its name and times; in all its states it was empty",
		            err);
	if (f->extents.count == 0)
		return lose(file, "its size cannot be right on this volume", err);
	ATHAR_TRY(athar_extents_copy(&file->extents, &f->extents, err));
	tell_source(file, s, f);
	if (missing_of(&file->extents) == file->size)
		file->readable = false;
	if (missing_of(&file->extents) > 0)
		snprintf(file->why, sizeof file->why,
		         "for %llu of its %llu bytes the journal has no place: its map has %llu of "
		         "%llu blocks",
		         (unsigned long long)missing_of(&file->extents),
		         (unsigned long long)file->size, (unsigned long long)f->mapped,
		         (unsigned long long)f->inode.blocks);
	if (f->state == ATHAR_STATE_LIVE)
		return ATHAR_OK;
	doubt_written(file, s, f);
	if (f->claimed == 0)
		return ATHAR_OK;
	file->assumed = true;
	/* A content that begins there proves itself, but not that it was this file's. */
	if (f->headless)
		file->reused = athar_min(f->claimed, file->size);
	snprintf(file->why, sizeof file->why,
	         "%llu bytes of it lie where the journal has another file, state or metadata "
	         "later",
	         (unsigned long long)athar_min(f->claimed, file->size));
	return ATHAR_OK;
}

/* ---- giving ---- */

/* What libtsk would say of the same inode or name is not said again. */
static athar_status remember(const story *s, size_t index, athar_error *err)
{
	const uint32_t number = s->finds.found[index].inode.number;
	athar_walk *w = s->walk;
	bool fresh;

	if (is_last(s, index))
		ATHAR_TRY(athar_seen_add(&w->recovered, number, &fresh, err));
	ATHAR_TRY(athar_seen_add(&w->recovered_names, athar_walk_name_key(w, number), &fresh, err));
	return athar_seen_add(&w->recovered_names, athar_walk_name_key(w, 0), &fresh, err);
}

static athar_status give_file(story *s, size_t index, athar_volume_file *file, athar_error *err)
{
	const athar_ext_found *f = &s->finds.found[index];
	const athar_ext_life *l = &s->history.life[f->life];

	file->folder = athar_ext_inode_is_folder(&f->inode);
	file->method = ATHAR_METHOD_JOURNAL;
	set_address(file, s, index);
	set_owner(file, &f->inode);
	set_times(file, &f->inode, f->state == ATHAR_STATE_DELETED ? l->deleted : 0);
	ATHAR_TRY(set_content(file, s, f, err));
	ATHAR_TRY(remember(s, index, err));
	/* The journal's own blocks belong to it, whatever they hold. */
	return f->inside ? athar_walk_hand_over_inside(s->walk, file, err)
	                 : athar_walk_hand_over(s->walk, file, err);
}

static athar_status give(story *s, size_t index, athar_error *err)
{
	const athar_ext_found *f = &s->finds.found[index];
	ATHAR_AUTO(free) char *path = NULL;
	athar_volume_file file = {.state = f->state};
	athar_status status;
	size_t len;
	bool whole;

	ATHAR_TRY(athar_ext_names_path(&path, &len, &whole, &s->names, &s->history.life[f->life],
	                               err));
	if (!whole && f->state == ATHAR_STATE_DELETED)
		file.state = ATHAR_STATE_ORPHAN;
	ATHAR_TRY(athar_walk_path(s->walk, (const uint8_t *)path, len, err));
	status = give_file(s, index, &file, err);
	athar_extents_clear(&file.extents);
	s->walk->path_len = 0;
	return status;
}

static athar_status give_all(story *s, athar_error *err)
{
	athar_walk *w = s->walk;

	for (size_t i = 0; i < s->finds.count && !w->full; i++) {
		if (w->counts->files + w->counts->folders >= ATHAR_WALK_FILES)
			w->full = true;
		else
			ATHAR_TRY(give(s, i, err));
	}
	return ATHAR_OK;
}

/* ---- reading ---- */

static athar_status findings(const story *s, athar_error *err)
{
	athar_walk *w = s->walk;

	if (s->j.broken > 0)
		ATHAR_TRY(athar_walk_finding(w, false, err,
		                             "the journal: %llu of its blocks cannot be read",
		                             (unsigned long long)s->j.broken));
	if (s->history.full || s->names.full || s->finds.full || s->nodes.left == 0)
		ATHAR_TRY(athar_walk_finding(
			w, false, err,
			"the journal says more than is followed: deleted files may be missing"));
	if (s->j.fast_commits)
		ATHAR_TRY(athar_walk_note(
			w, "the journal has fast commits, which are not looked at", err));
	return ATHAR_OK;
}

/* Live folders of which libtsk saw that they have deleted names. */
static athar_status read_slack(story *s, athar_error *err)
{
	const athar_walk *w = s->walk;

	for (size_t i = 0; i < w->later_count; i++) {
		if (w->later[i].address <= s->x.inodes)
			ATHAR_TRY(athar_ext_names_add_slack(&s->names,
			                                    (uint32_t)w->later[i].address, err));
	}
	return ATHAR_OK;
}

static athar_status read_story(story *s, athar_error *err)
{
	athar_walk *w = s->walk;

	ATHAR_TRY(athar_jbd2_scan(&s->j, beat, w, err));
	ATHAR_TRY(athar_ext_history_read(&s->history, &s->j, beat, w, err));
	ATHAR_TRY(athar_ext_names_open(&s->names, &s->history, err));
	ATHAR_TRY(athar_ext_folders_read(&s->names, &s->nodes, beat, w, err));
	ATHAR_TRY(read_slack(s, err));
	ATHAR_TRY(athar_ext_finds_read(&s->finds, &s->history, &s->nodes, beat, w, err));
	return athar_ext_finds_settle(&s->finds, &s->j, err);
}

static athar_status open_journal(bool *there, story *s, athar_error *err)
{
	const athar_volume *v = s->walk->volume;
	athar_status status = athar_ext_open(&s->x, v->image->source, v->base, v->info.length, err);

	*there = false;
	if (status == ATHAR_OK && s->x.journal_inode == 0 && s->x.journal_device == 0)
		return ATHAR_OK;
	if (status == ATHAR_OK)
		status = athar_jbd2_open(&s->j, &s->x, err);
	*there = status == ATHAR_OK;
	if (status != ATHAR_EFORMAT && status != ATHAR_ELIMIT)
		return status;
	s->walk->counts->partial = true;
	return athar_walk_finding(s->walk, false, err, "the journal is not read: %s", err->text);
}

athar_status athar_ext_journal_walk(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(story) story s = {.walk = w, .nodes = {.left = NODES_MOST}};
	bool there;

	ATHAR_TRY(open_journal(&there, &s, err));
	if (!there)
		return ATHAR_OK;
	ATHAR_TRY(read_story(&s, err));
	ATHAR_TRY(give_all(&s, err));
	return findings(&s, err);
}
