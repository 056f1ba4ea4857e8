/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/logs.h"

#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/files.h"
#include "digest/digest.h"
#include "engine/log.h"
#include "engine/survey.h"

/* Pieces and bad ranges to a message. */
#define BATCH 8192u

/* More than any log makes. */
#define OUTPUT_MOST (UINT64_C(256) << 20)
#define MESSAGES_MOST 1000u

enum { SAID = 1, PIECES, BAD };

/* ---- into memory ---- */

static athar_status load(athar_logs *logs, const char *path, size_t room, athar_error *err)
{
	athar_log_file *f = &logs->file[logs->count];
	struct stat st;

	*f = (athar_log_file){.path = path};
	athar_said_init(&f->said);
	(void)snprintf(f->name, sizeof f->name, "log-%zu.txt", ++logs->count);
	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return athar_fail(err, ATHAR_EREFUSED, "%s is no file", path);
	if ((uint64_t)st.st_size > room)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is too large for a log: all of them may have 64 MiB", path);
	ATHAR_TRY(athar_file_load(&f->bytes, &f->len, path, room, err));
	return athar_digest_sha256(f->sha256, f->bytes, f->len, err);
}

athar_status athar_logs_load(athar_logs *out, const char *const *paths, size_t count,
                             athar_error *err)
{
	size_t total = 0;

	if (count > ATHAR_LOGS_MOST)
		return athar_fail(err, ATHAR_EUSAGE, "at most %u logs", ATHAR_LOGS_MOST);
	for (size_t i = 0; i < count; i++) {
		ATHAR_TRY(load(out, paths[i], ATHAR_LOGS_LIMIT - total, err));
		total += out->file[i].len;
	}
	return ATHAR_OK;
}

void athar_logs_clear(athar_logs *logs)
{
	for (size_t i = 0; i < logs->count; i++) {
		free(logs->file[i].bytes);
		athar_said_clear(&logs->file[i].said);
	}
	logs->count = 0;
}

/* ---- in the worker: the logs are in its memory since the fork ---- */

static athar_status setup(void **state, void *user, athar_error *err)
{
	(void)err;
	*state = user;
	return ATHAR_OK;
}

static athar_status send(athar_jail_reply *reply, uint32_t type, const athar_wire *w,
                         athar_error *err)
{
	ATHAR_TRY(athar_wire_check(w, err));
	return athar_jail_send(reply, type, w->bytes, w->len, err);
}

static athar_status send_batches(athar_jail_reply *reply, uint32_t type, const athar_said *said,
                                 size_t total, athar_error *err)
{
	for (size_t from = 0; from < total; from += BATCH) {
		ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
		size_t count = (size_t)athar_min(BATCH, total - from);

		if (type == PIECES)
			athar_said_wire_pieces(&w, said, from, count);
		else
			athar_said_wire_bad(&w, said, from, count);
		ATHAR_TRY(send(reply, type, &w, err));
	}
	return ATHAR_OK;
}

static athar_status read_log(void *state, athar_bytes request, athar_jail_reply *reply,
                             athar_error *err)
{
	ATHAR_AUTO(said) athar_said said;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	const athar_logs *logs = state;
	athar_unwire u = athar_unwire_begin(request);
	size_t i = (size_t)athar_unwire_below(&u, logs->count);

	athar_said_init(&said);
	ATHAR_TRY(athar_unwire_end(&u, err));
	ATHAR_TRY(athar_log_read(&said, logs->file[i].bytes, logs->file[i].len, err));
	athar_said_wire(&w, &said);
	ATHAR_TRY(send(reply, SAID, &w, err));
	ATHAR_TRY(send_batches(reply, PIECES, &said, said.pieces, err));
	return send_batches(reply, BAD, &said, said.bad.count, err);
}

/* ---- in the supervisor ---- */

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	athar_log_file *f = user;

	switch (type) {
	case SAID:
		return athar_said_unwire(&f->said, payload, err);
	case PIECES:
		return athar_said_unwire_pieces(&f->said, payload, err);
	case BAD:
		return athar_said_unwire_bad(&f->said, payload, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

/* Half of what a log says could be worse than nothing. */
static athar_status ask(athar_jail *jail, athar_log_file *f, size_t index, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	athar_single calls = {.message = take, .user = f};

	athar_wire_number(&request, index);
	ATHAR_TRY(athar_serve_single(&end, jail, &request, &calls, err));
	if (end.kind == ATHAR_JAIL_DONE)
		return ATHAR_OK;
	athar_said_clear(&f->said);
	(void)snprintf(f->failure, sizeof f->failure, "%.190s", end.error.text);
	return ATHAR_OK;
}

athar_status athar_logs_read(athar_logs *logs, const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(jail) athar_jail *jail = NULL;
	athar_jail_spec spec = {.workers = 1,
	                        .limits = {.output = OUTPUT_MOST, .messages = MESSAGES_MOST},
	                        .unconfined = context->unconfined,
	                        .setup = setup,
	                        .task = read_log,
	                        .user = logs};

	if (logs->count == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_jail_open(&jail, &spec, err));
	for (size_t i = 0; i < logs->count; i++)
		ATHAR_TRY(ask(jail, &logs->file[i], i, err));
	(void)snprintf(logs->confinement, sizeof logs->confinement, "%s",
	               athar_jail_confinement(jail));
	return ATHAR_OK;
}
