/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "report/values.h"

/* More pieces than this make a command that nobody types. */
#define MOST_DD_PIECES 8

const char *athar_words_size(char *buf, size_t len, uint64_t bytes)
{
	char small[32];

	if (bytes < 1024)
		(void)snprintf(buf, len, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
	else
		(void)snprintf(buf, len, "%" PRIu64 " bytes (%s)", bytes,
		               athar_text_size(small, sizeof small, bytes));
	return buf;
}

const char *athar_words_count(char *buf, size_t len, uint64_t count, const char *one)
{
	(void)snprintf(buf, len, "%" PRIu64 " %s%s", count, one, count == 1 ? "" : "s");
	return buf;
}

static void write_extent(FILE *to, const athar_extent *e)
{
	switch (e->kind) {
	case ATHAR_EXTENT_DATA:
		(void)fprintf(to, "%" PRIu64 "+%" PRIu64, e->image, e->length);
		break;
	case ATHAR_EXTENT_DERIVED:
		(void)fprintf(to, "%s(%" PRIu64 "+%" PRIu64 ")+%" PRIu64,
		              athar_transform_name(e->transform), e->image, e->stored, e->length);
		break;
	case ATHAR_EXTENT_HOLE:
	case ATHAR_EXTENT_MISSING:
		(void)fprintf(to, "%s+%" PRIu64, athar_extent_kind_name(e->kind), e->length);
		break;
	}
}

/* Ends a stream into memory. */
static athar_status finish(char **out, FILE *stream, char **text, athar_error *err)
{
	if (fclose(stream) != 0)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	*out = ATHAR_GIVE(*text);
	return ATHAR_OK;
}

athar_status athar_words_extents(char **out, const athar_extents *x, size_t most, athar_error *err)
{
	const size_t count = most == 0 || x->count <= most ? x->count : most;
	ATHAR_AUTO(free) char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	for (size_t i = 0; i < count; i++) {
		(void)fputs(i > 0 ? " " : "", stream);
		write_extent(stream, x->extent + i);
	}
	if (count < x->count)
		(void)fprintf(stream, " and %zu more: see items.jsonl", x->count - count);
	return finish(out, stream, &text, err);
}

const char *athar_words_item_time(char *buf, size_t len, const athar_item_time *time)
{
	const bool utc = strcmp(time->zone, "utc") == 0;
	char seconds[32], fraction[16] = "";
	size_t end;

	(void)athar_text_time(seconds, sizeof seconds, time->seconds);
	end = strlen(seconds);
	if (end == 0 || seconds[end - 1] != 'Z') {
		(void)snprintf(buf, len, "%s", seconds);
		return buf;
	}
	seconds[end - 1] = '\0';
	if (time->nanoseconds != 0 && time->nanoseconds < 1000000000u)
		(void)snprintf(fraction, sizeof fraction, ".%09" PRIu32, time->nanoseconds);
	(void)snprintf(buf, len, "%s%s%s", seconds, fraction, utc ? "Z" : "");
	return buf;
}

const char *athar_words_raw_image(const athar_report_exhibit *x)
{
	const char *format = athar_value_words(x->acquisition, "settings.format");
	const char *name = athar_value_words(x->acquisition, "image.name");

	if (format == NULL || name == NULL || strcmp(format, "raw") != 0)
		return NULL;
	if (athar_value_count(x->acquisition, "image.segments") > 1)
		return NULL;
	/* Both names go into a command line between quotes. */
	if (strpbrk(name, "'\\\n/") != NULL || strpbrk(x->slug, "'\\\n/") != NULL)
		return NULL;
	return name;
}

bool athar_words_plain(const athar_report_exhibit *x, const athar_item *item)
{
	return athar_words_raw_image(x) != NULL && item->extents.count > 0 &&
	       item->extents.count <= MOST_DD_PIECES && item->bytes_bad == 0 &&
	       athar_extents_plain(&item->extents) &&
	       athar_digests_get(&item->hashes, ATHAR_SHA256)[0] != '\0';
}

athar_status athar_words_dd(char **out, const athar_report_exhibit *x, const athar_item *item,
                            athar_error *err)
{
	const bool several = item->extents.count > 1;
	ATHAR_AUTO(free) char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	(void)fputs(several ? "{ " : "", stream);
	for (size_t i = 0; i < item->extents.count; i++)
		(void)fprintf(stream,
		              "dd if='%s/%s' bs=1M skip=%" PRIu64 " count=%" PRIu64
		              " iflag=skip_bytes,count_bytes status=none%s",
		              x->slug, athar_words_raw_image(x), item->extents.extent[i].image,
		              item->extents.extent[i].length, several ? "; " : "");
	(void)fputs(several ? "} | sha256sum" : " | sha256sum", stream);
	return finish(out, stream, &text, err);
}
