/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/twins.h"

#include "base/check.h"

static void clear_side(athar_twin_side *side)
{
	athar_runs_clear(&side->bad);
	athar_runs_clear(&side->lacking);
	athar_runs_clear(&side->proven);
	athar_runs_clear(&side->wrong);
}

void athar_twins_clear(athar_twins *twins)
{
	clear_side(&twins->here);
	clear_side(&twins->there);
	athar_runs_clear(&twins->differ);
	athar_runs_clear(&twins->joined);
	for (size_t i = 0; i < ATHAR_TWINS; i++)
		for (size_t k = 0; k < ATHAR_EVIDENCES; k++)
			athar_runs_clear(&twins->verdict[i][k]);
}

/* A place in all the sets at once: it and what follows are alike up to `next`. */
typedef struct cut {
	uint64_t at, next;
} cut;

static bool in(cut *c, const athar_runs *runs)
{
	const size_t i = athar_runs_find(runs, c->at);

	if (i == runs->count)
		return false;
	if (runs->run[i].offset > c->at) {
		c->next = athar_min(c->next, runs->run[i].offset);
		return false;
	}
	c->next = athar_min(c->next, runs->run[i].offset + runs->run[i].length);
	return true;
}

/* What is known of one image at a place. */
typedef struct standing {
	bool bad, lacking, recorded, proven, wrong;
} standing;

static standing stand(cut *c, const athar_twin_side *side)
{
	standing s = {.bad = in(c, &side->bad)};

	s.lacking = in(c, &side->lacking);
	s.recorded = in(c, &side->proven);
	s.proven = s.recorded || side->whole;
	s.wrong = in(c, &side->wrong);
	return s;
}

/* When the hash on record comes out of what is sound here and, for the rest, what is there, both
 * are proven by it. */
static void credit(standing *here, standing *there)
{
	if (!here->bad)
		here->proven = true;
	else if (!there->bad)
		there->proven = true;
}

static athar_twin decide(const standing *here, const standing *there, bool differ)
{
	/* A block on record is one: who has other bytes than the one with its hash is damaged. */
	const bool here_bad = here->bad || (differ && there->proven && !here->proven);
	const bool there_bad = there->bad || (differ && here->proven && !there->proven);

	if (here->lacking != there->lacking) {
		if (here->lacking ? there->bad : here->bad)
			return ATHAR_TWIN_NEITHER;
		return here->lacking ? ATHAR_TWIN_ONLY_THERE : ATHAR_TWIN_ONLY_HERE;
	}
	if (here_bad && there_bad)
		return ATHAR_TWIN_NEITHER;
	if (here_bad || there_bad)
		return here_bad ? ATHAR_TWIN_THERE : ATHAR_TWIN_HERE;
	if (!differ)
		return ATHAR_TWIN_NONE;
	return here->wrong && there->wrong ? ATHAR_TWIN_NEITHER : ATHAR_TWIN_EITHER;
}

static athar_evidence weigh(const standing *good, bool summed, bool joined)
{
	if (good->recorded)
		return ATHAR_EVIDENCE_RECORD;
	if (joined && good->proven)
		return ATHAR_EVIDENCE_JOINED;
	if (good->proven)
		return ATHAR_EVIDENCE_STORED;
	return summed ? ATHAR_EVIDENCE_CHECKSUM : ATHAR_EVIDENCE_NONE;
}

/* Of neither: what condemns them; of either: what speaks for both. */
static athar_evidence evidence_for(athar_twin twin, const athar_twins *t, const standing *here,
                                   const standing *there, bool joined)
{
	switch (twin) {
	case ATHAR_TWIN_HERE:
	case ATHAR_TWIN_ONLY_HERE:
		return weigh(here, t->here.summed, joined);
	case ATHAR_TWIN_THERE:
	case ATHAR_TWIN_ONLY_THERE:
		return weigh(there, t->there.summed, joined);
	case ATHAR_TWIN_NEITHER:
		return here->bad && there->bad ? ATHAR_EVIDENCE_CHECKSUM : ATHAR_EVIDENCE_RECORD;
	default:
		if (here->proven && there->proven)
			return ATHAR_EVIDENCE_STORED;
		return t->here.summed && t->there.summed ? ATHAR_EVIDENCE_CHECKSUM
		                                         : ATHAR_EVIDENCE_NONE;
	}
}

static athar_status judge_at(athar_twins *t, cut *c, athar_error *err)
{
	standing here = stand(c, &t->here), there = stand(c, &t->there);
	const bool joined = in(c, &t->joined) || t->joined_whole;
	const bool differ = in(c, &t->differ);

	if (joined)
		credit(&here, &there);
	const athar_twin twin = decide(&here, &there, differ);

	if (twin == ATHAR_TWIN_NONE)
		return ATHAR_OK;
	const athar_evidence evidence = evidence_for(twin, t, &here, &there, joined);
	return athar_runs_add(&t->verdict[twin][evidence], c->at, c->next - c->at, ATHAR_RUN_BAD,
	                      err);
}

/* The next place at or after `at` where anything is at stake; UINT64_MAX: none. */
static uint64_t next_stake(const athar_twins *t, uint64_t at)
{
	const athar_runs *const stakes[] = {&t->differ, &t->here.bad, &t->there.bad,
	                                    &t->here.lacking, &t->there.lacking};
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < ATHAR_COUNT(stakes); i++) {
		const size_t k = athar_runs_find(stakes[i], at);

		if (k < stakes[i]->count)
			next = athar_min(next, athar_max(at, stakes[i]->run[k].offset));
	}
	return next;
}

athar_status athar_twins_judge(athar_twins *t, athar_error *err)
{
	cut c = {.next = 0};

	for (;;) {
		c.at = next_stake(t, c.next);
		if (c.at >= t->size)
			return ATHAR_OK;
		c.next = t->size;
		ATHAR_TRY(judge_at(t, &c, err));
	}
}

void athar_twins_text(char out[ATHAR_TWINS_TEXT], athar_twin twin, athar_evidence evidence)
{
	static const char *const verdict[ATHAR_TWINS] = {
		"",
		"good here, not there",
		"good there, not here",
		"good in neither",
		"they differ, and nothing says which is right",
		"read here, could not be read there",
		"could not be read here, read there",
	};
	static const char *const good[ATHAR_EVIDENCES] = {
		"nothing vouches for it", "its checksum holds",
		"with it the hash on record comes out", "the hashes stored with it hold",
		"its block has the hash on record"};
	static const char *const both[ATHAR_EVIDENCES] = {NULL, "the checksums of both hold", NULL,
	                                                  "the hashes stored with both hold", NULL};
	const char *why = good[evidence];

	if (twin == ATHAR_TWIN_NEITHER)
		why = evidence == ATHAR_EVIDENCE_RECORD ? "neither block has the hash on record"
		                                        : NULL;
	else if (twin == ATHAR_TWIN_EITHER)
		why = both[evidence];
	(void)snprintf(out, ATHAR_TWINS_TEXT, "%s%s%s", verdict[twin], why == NULL ? "" : ": ",
	               why == NULL ? "" : why);
}
