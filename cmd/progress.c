/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "athar/text.h"
#include "events.h"
#include "signals.h"
#include "terminal.h"

#define FIRST_AFTER 1.0 /* seconds: what is over at once needs no line */
#define LINE_EVERY 0.1
#define EVENT_EVERY 1.0

static double clock_seconds(void)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

ATHAR_PRINTF(4, 5)
static void append(char *buf, size_t len, size_t *at, const char *format, ...)
{
	va_list args;

	if (*at >= len)
		return;
	va_start(args, format);
	const int n = vsnprintf(buf + *at, len - *at, format, args);
	va_end(args);
	if (n > 0)
		*at += (size_t)n;
}

static void append_left(char *buf, size_t len, size_t *at, double seconds)
{
	const uint64_t s = seconds < 3.6e6 ? (uint64_t)(seconds + 0.5) : UINT64_C(3600000);

	if (s >= 3600)
		append(buf, len, at, "  %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " left", s / 3600,
		       s / 60 % 60, s % 60);
	else
		append(buf, len, at, "  %" PRIu64 ":%02" PRIu64 " left", s / 60, s % 60);
}

void athar_progress_text(char *buf, size_t len, const athar_progress *progress, double seconds)
{
	const uint64_t total = progress->total;
	const uint64_t done = total != 0 && progress->done > total ? total : progress->done;
	const double rate = seconds > 0 ? (double)done / seconds : 0;
	char size[32];
	size_t at = 0;

	append(buf, len, &at, "%s  %s", progress->phase != NULL ? progress->phase : "work",
	       athar_text_size(size, sizeof size, done));
	if (total != 0)
		append(buf, len, &at, " of %s  %.0f%%", athar_text_size(size, sizeof size, total),
		       (double)done / (double)total * 100);
	if (rate >= 1)
		append(buf, len, &at, "  %s/s", athar_text_size(size, sizeof size, (uint64_t)rate));
	if (rate >= 1 && total != 0)
		append_left(buf, len, &at, (double)(total - done) / rate);
	if (progress->bad != 0)
		append(buf, len, &at, "  %s bad",
		       athar_text_size(size, sizeof size, progress->bad));
	if (progress->items != 0)
		append(buf, len, &at, "  %" PRIu64 " items", progress->items);
}

void athar_progress_wipe(athar_progress_line *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", stderr);
	p->shown = false;
}

static void event(const athar_progress_line *p, const athar_progress *progress)
{
	athar_json *event = athar_json_object();

	athar_json_set_text(event, "phase", progress->phase);
	athar_json_set_number(event, "done", progress->done);
	athar_json_set_number(event, "total", progress->total);
	athar_json_set_number(event, "bad", progress->bad);
	athar_json_set_number(event, "items", progress->items);
	athar_event(p->call, "progress", event);
}

static void show(athar_progress_line *p, const athar_progress *progress, double seconds)
{
	char text[200];

	athar_progress_text(text, sizeof text, progress, seconds);
	(void)fprintf(stderr, "\r%s\033[K", text);
	(void)fflush(stderr);
	p->shown = true;
}

static void on_progress(void *user, const athar_progress *progress)
{
	athar_progress_line *p = user;
	const double now = clock_seconds();
	const char *phase = progress->phase != NULL ? progress->phase : "";

	if (p->begun <= 0 || strncmp(p->phase, phase, sizeof p->phase - 1) != 0) {
		(void)snprintf(p->phase, sizeof p->phase, "%s", phase);
		p->begun = now;
		p->last = now + FIRST_AFTER;
	}
	if (now < p->last)
		return;
	p->last = now + (p->call->common->json ? EVENT_EVERY : LINE_EVERY);
	if (p->call->common->json)
		event(p, progress);
	else if (p->line)
		show(p, progress, now - p->begun);
}

static void on_notice(void *user, const athar_error *what)
{
	athar_progress_line *p = user;

	athar_progress_wipe(p);
	if (p->call->common->json)
		athar_event_notice(p->call, what->text);
	else if (!p->call->common->quiet)
		(void)fprintf(stderr, "athar %s: note: %s\n", p->call->command->name, what->text);
}

static bool on_cancelled(void *user)
{
	(void)user;
	return athar_signals_seen();
}

const athar_watcher *athar_progress_begin(athar_progress_line *p, const athar_call *call)
{
	*p = (athar_progress_line){.call = call};
	p->line = athar_terminal_moves(stderr) && !call->common->quiet && !call->common->json;
	p->watcher = (athar_watcher){
		.progress = on_progress, .notice = on_notice, .cancelled = on_cancelled, .user = p};
	athar_signals_save_first();
	return &p->watcher;
}
