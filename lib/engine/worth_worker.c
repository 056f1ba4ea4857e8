/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/worth_worker.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/worker.h"
#include "image/lacking.h"
#include "volume/layout.h"

/* What is wanted where only the place is known: as much as libtsk reads at once, and twice as much
 * with every second ask, because who asks often asks along something long. */
#define PIECE (UINT64_C(64) << 10)
#define PIECE_DOUBLINGS 8u
/* Pairs to a message. */
#define PAIRS 2048u
#define RUNS_MOST UINT64_C(8000000)
#define FINDINGS_MOST 16u

typedef struct worker {
	athar_source *base;
	athar_jail_reply *reply;
} worker;

/* One task. */
typedef struct look {
	worker *w;
	athar_runs lacking;
	athar_source *source;
	athar_worth_depth depth;
	athar_volume_info info;
	uint64_t beats;
	char finding[FINDINGS_MOST][300]; /* told when nothing is wanted: then they are final */
	size_t findings;
} look;

static void look_end(look *k)
{
	athar_source_close(k->source);
	athar_runs_clear(&k->lacking);
}
ATHAR_DEFINE_AUTO_VALUE(look, look, look_end)

/* Raw, whatever it begins with: the medium may hold an image of another. */
athar_status athar_worth_setup(void **state, void *user, athar_error *err)
{
	static const athar_source_driver *const raw[] = {&athar_source_raw, NULL};
	const athar_worth_spec *spec = user;
	worker *w = athar_alloc(sizeof *w, err);

	/* Whatever fails here ends the process: nothing is released one by one. */
	if (w == NULL)
		return ATHAR_ENOMEM;
	/* libtsk asks for the time zone, whose file is behind the closed door later. */
	if (setenv("TZ", "UTC0", 1) != 0)
		return athar_fail_errno(err, "cannot set the time zone");
	tzset();
	ATHAR_TRY(athar_source_open_with(&w->base, spec->image, raw, err));
	if (w->base->info.size < spec->size)
		return athar_fail(err, ATHAR_EUSAGE, "%s does not have its full size yet",
		                  spec->image);
	w->base->info.size = spec->size;
	w->base->info.sector_size = spec->sector_size;
	*state = w;
	return ATHAR_OK;
}

void athar_worth_request(athar_wire *w, athar_worth_depth depth, unsigned ask,
                         const athar_volume_info *volume, const athar_runs *lacking)
{
	athar_wire_number(w, depth);
	athar_wire_number(w, ask);
	if (volume != NULL)
		athar_volume_wire(w, volume);
	athar_wire_number(w, lacking->count);
	for (size_t i = 0; i < lacking->count; i++) {
		athar_wire_number(w, lacking->run[i].offset);
		athar_wire_number(w, lacking->run[i].length);
		athar_wire_number(w, lacking->run[i].kind);
	}
}

static athar_status read_lacking(athar_runs *out, athar_unwire *u, athar_error *err)
{
	const uint64_t count = athar_unwire_below(u, RUNS_MOST + 1);

	for (uint64_t i = 0; i < count && !u->failed; i++) {
		const uint64_t offset = athar_unwire_number(u);
		const uint64_t length = athar_unwire_number(u);
		const uint64_t kind = athar_unwire_below(u, ATHAR_RUN_BAD + 1);

		ATHAR_TRY(athar_runs_add(out, offset, length, (athar_run_kind)kind, err));
	}
	return athar_unwire_end(u, err);
}

static athar_status begin(look *k, athar_bytes request, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(request);
	uint64_t ask;

	k->depth = (athar_worth_depth)athar_unwire_below(&u, ATHAR_WORTH_DEPTHS);
	ask = athar_unwire_number(&u);
	if (k->depth != ATHAR_WORTH_TABLES)
		athar_volume_unwire(&k->info, &u);
	ATHAR_TRY(read_lacking(&k->lacking, &u, err));
	return athar_source_lacking(&k->source, k->w->base, &k->lacking,
	                            PIECE << athar_min(ask / 2, PIECE_DOUBLINGS), err);
}

/* ---- what is said ---- */

static athar_status send(const look *k, uint32_t type, const athar_wire *message, athar_error *err)
{
	ATHAR_TRY(athar_wire_check(message, err));
	return athar_jail_send(k->w->reply, type, message->bytes, message->len, err);
}

static athar_status send_runs(const look *k, uint32_t type, const athar_runs *runs,
                              athar_error *err)
{
	for (size_t i = 0; i < runs->count; i += PAIRS) {
		ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

		for (size_t n = i; n < runs->count && n < i + PAIRS; n++) {
			athar_wire_number(&message, runs->run[n].offset);
			athar_wire_number(&message, runs->run[n].length);
		}
		ATHAR_TRY(send(k, type, &message, err));
	}
	return ATHAR_OK;
}

static bool wants(const look *k)
{
	return athar_lacking_wanted(k->source)->count > 0;
}

static void keep_finding(look *k, const char *format, ...) ATHAR_PRINTF(2, 3);
static void keep_finding(look *k, const char *format, ...)
{
	va_list args;

	if (k->findings >= FINDINGS_MOST)
		return;
	va_start(args, format);
	(void)vsnprintf(k->finding[k->findings++], sizeof *k->finding, format, args);
	va_end(args);
}

static athar_status tell(const look *k, athar_error *err)
{
	ATHAR_TRY(send_runs(k, ATHAR_WORTH_WANTED, athar_lacking_wanted(k->source), err));
	for (size_t i = 0; i < k->findings && !wants(k); i++)
		ATHAR_TRY(athar_jail_send(k->w->reply, ATHAR_WORTH_FINDING, k->finding[i],
		                          strlen(k->finding[i]), err));
	return ATHAR_OK;
}

static athar_status beat(void *user, athar_error *err)
{
	look *k = user;

	return athar_jail_beat(k->w->reply, ++k->beats, err);
}

/* ---- tables ---- */

static athar_status send_volume(void *user, const athar_volume_info *info, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	look *k = user;

	athar_volume_wire(&message, info);
	ATHAR_TRY(send(k, ATHAR_WORTH_VOLUME, &message, err));
	return beat(k, err);
}

/* A read that was cut short may have been the one that recognises a system: once nothing else is
 * wanted, what follows is. */
static athar_status look_for_tables(look *k, athar_error *err)
{
	char table[32];

	ATHAR_TRY(athar_volumes_each(k->source, table, send_volume, k, err));
	if (!wants(k))
		ATHAR_TRY(athar_lacking_insist(k->source, err));
	ATHAR_TRY(send_runs(k, ATHAR_WORTH_IS_METADATA, athar_lacking_met(k->source), err));
	return tell(k, err);
}

/* ---- of a volume ---- */

static athar_status find_layout(look *k, athar_layout *layout, athar_error *err)
{
	const bool maps_only = k->depth == ATHAR_WORTH_ALLOCATED;

	ATHAR_TRY(athar_layout_find(layout, k->source, &k->info, maps_only, beat, k, err));
	ATHAR_TRY(send_runs(k, ATHAR_WORTH_IS_METADATA, &layout->metadata, err));
	if (layout->exact && !layout->whole)
		keep_finding(k, "a part of what says where things are cannot be read or makes no "
		                "sense");
	return ATHAR_OK;
}

static athar_status walk_finding(void *user, const char *text, athar_error *err)
{
	(void)err;
	keep_finding(user, "%.280s", text);
	return ATHAR_OK;
}

static athar_status walk_beat(void *user, uint64_t done, athar_error *err)
{
	(void)done;
	return beat(user, err);
}

/* What the layout does not know, a walk over the names comes upon. */
static athar_status walk(look *k, athar_volume *volume, athar_error *err)
{
	const athar_volume_walk calls = {.finding = walk_finding, .beat = walk_beat, .user = k};
	athar_volume_counts counts;

	ATHAR_TRY(athar_volume_walk_names(&counts, volume, &calls, err));
	if (k->findings == 0 && (counts.errors > 0 || counts.partial))
		keep_finding(k, "not all of its folders and files could be followed");
	return ATHAR_OK;
}

/* What cannot be told is not a failure of the task: what is known of the rest stands. */
static athar_status map(look *k, athar_volume *volume, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs in_use = ATHAR_RUNS_INIT;
	athar_error mine = ATHAR_ERROR_INIT;
	const athar_status status = athar_volume_allocated(&in_use, volume, &mine);

	if (status == ATHAR_ENOMEM) {
		*err = mine;
		return status;
	}
	if (status != ATHAR_OK)
		keep_finding(k, "which blocks are in use is not known of all: %.200s", mine.text);
	return send_runs(k, ATHAR_WORTH_IN_USE, &in_use, err);
}

static athar_status open_and_look(look *k, athar_error *err)
{
	ATHAR_AUTO(volume) athar_volume *volume = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	athar_status status = athar_volume_open(&volume, k->source, &k->info, &mine);

	if (status == ATHAR_ENOMEM) {
		*err = mine;
		return status;
	}
	if (status != ATHAR_OK) {
		keep_finding(k, "%.280s", mine.text);
		return ATHAR_OK;
	}
	return k->depth == ATHAR_WORTH_METADATA ? walk(k, volume, err) : map(k, volume, err);
}

static athar_status look_at_volume(look *k, athar_error *err)
{
	ATHAR_AUTO(layout) athar_layout layout = ATHAR_LAYOUT_INIT;

	ATHAR_TRY(find_layout(k, &layout, err));
	if (wants(k))
		return tell(k, err);
	ATHAR_TRY(open_and_look(k, err));
	if (!wants(k) && (!layout.exact || k->findings > 0))
		ATHAR_TRY(athar_lacking_insist(k->source, err));
	if (!layout.exact)
		ATHAR_TRY(send_runs(k, ATHAR_WORTH_IS_METADATA, athar_lacking_met(k->source), err));
	return tell(k, err);
}

athar_status athar_worth_task(void *state, athar_bytes request, athar_jail_reply *reply,
                              athar_error *err)
{
	ATHAR_AUTO(look) look k = {.w = state};

	k.w->reply = reply;
	ATHAR_TRY(begin(&k, request, err));
	return k.depth == ATHAR_WORTH_TABLES ? look_for_tables(&k, err) : look_at_volume(&k, err);
}
