/* SPDX-License-Identifier: BSD-2-Clause */
#include "sheet.h"

#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "terminal.h"

/* A line put together of several members; what is not there is left out. */
typedef struct line {
	char text[600];
	size_t len;
} line;

ATHAR_PRINTF(2, 3) static void add(line *l, const char *format, ...)
{
	const size_t room = sizeof l->text - l->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->text + l->len, room, format, args);
	va_end(args);
	l->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void add_number(line *l, const athar_json *object, const char *key, const char *name)
{
	uint64_t n = 0;

	if (athar_json_get_number(object, key, &n))
		add(l, "%s%" PRIu64 " %s", l->len > 0 ? ", " : "", n, name);
}

static void put(FILE *to, const char *label, const line *l)
{
	if (l->len > 0)
		athar_terminal_fact(to, label, l->text);
}

static void put_text(FILE *to, const athar_json *object, const char *key, const char *label)
{
	const char *text = athar_json_get_text(object, key);

	if (text != NULL && text[0] != '\0')
		athar_terminal_fact(to, label, text);
}

static void put_yes(FILE *to, const athar_json *object, const char *key, const char *label)
{
	bool yes = false;

	if (athar_json_get_bool(object, key, &yes))
		athar_terminal_fact(to, label, yes ? "yes" : "no");
}

static void put_size(FILE *to, const athar_json *sheet)
{
	uint64_t n = 0;

	if (athar_json_get_number(sheet, "size", &n))
		athar_terminal_fact_size(to, "Size", n);
}

static void put_sectors(FILE *to, const athar_json *sheet)
{
	const char *format = athar_json_get_text(sheet, "sector_format");
	uint64_t logical = 0, physical = 0;
	line l = {"", 0};

	if (!athar_json_get_number(sheet, "sector_size", &logical))
		return;
	(void)athar_json_get_number(sheet, "physical_sector_size", &physical);
	add(&l, "%" PRIu64 " bytes, physically %" PRIu64, logical, physical);
	if (format != NULL)
		add(&l, " (%s)", format);
	put(to, "Sectors", &l);
}

static void put_trim(FILE *to, const athar_json *trim)
{
	bool yes = false;
	line l = {"", 0};

	if (!athar_json_get_bool(trim, "supported", &yes))
		return;
	if (yes) {
		add_number(&l, trim, "discard_max_bytes", "bytes at most");
		add_number(&l, trim, "discard_granularity", "bytes a step");
	} else {
		add(&l, "no");
	}
	put(to, "TRIM", &l);
}

static void put_kernel(FILE *to, const athar_json *kernel)
{
	line l = {"", 0};

	add_number(&l, kernel, "timeout", "s time-out");
	add_number(&l, kernel, "eh_timeout", "s recovery");
	add_number(&l, kernel, "max_sectors_kb", "KiB a request");
	add_number(&l, kernel, "read_ahead_kb", "KiB read-ahead");
	put(to, "Kernel", &l);
}

/* ---- what the device was asked ---- */

static void put_area(FILE *to, const athar_json *hidden, const char *area, const char *sectors,
                     const char *label)
{
	const char *said = athar_json_get_text(hidden, area);
	line l = {"", 0};

	if (said == NULL)
		return;
	add(&l, "%s", said);
	if (strcmp(said, "present") == 0)
		add_number(&l, hidden, sectors, "sectors");
	put(to, label, &l);
}

static void put_hidden(FILE *to, const athar_json *hidden)
{
	const char *identify = athar_json_get_text(hidden, "identify");

	if (identify != NULL && strncmp(identify, "not readable", 12) == 0)
		athar_terminal_fact(to, "ATA identity", identify);
	put_area(to, hidden, "hpa", "hpa_sectors", "HPA");
	put_area(to, hidden, "dco", "dco_sectors", "DCO");
	put_text(to, hidden, "security", "ATA password");
}

static void put_smart(FILE *to, const athar_json *smart)
{
	static const struct {
		const char *key, *name;
	} values[] = {{"temperature", "degrees C"},
	              {"power_on_hours", "hours"},
	              {"reallocated", "reallocated"},
	              {"pending", "pending"},
	              {"uncorrectable", "uncorrectable"},
	              {"reported_uncorrectable", "reported uncorrectable"},
	              {"crc_errors", "CRC errors"},
	              {"grown_defects", "grown defects"},
	              {"media_errors", "media errors"},
	              {"percentage_used", "% used"},
	              {"available_spare", "% spare"},
	              {"critical_warning", "as critical warning"}};
	bool is = false;
	line l = {"", 0};

	if (!athar_json_get_bool(smart, "available", &is))
		return;
	if (!is) {
		put_text(to, smart, "why", "SMART");
		return;
	}
	if (athar_json_get_bool(smart, "passed", &is))
		add(&l, "%s", is ? "passed" : "FAILING");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		add_number(&l, smart, values[i].key, values[i].name);
	put(to, "SMART", &l);
}

/* ---- what is on it, and who uses it ---- */

static void put_partition(FILE *to, const athar_json *p)
{
	const char *system = athar_json_get_text(p, "file_system");
	const char *label = athar_json_get_text(p, "label");
	uint64_t start = 0, size = 0;
	char buf[32];
	line l = {"", 0};

	(void)athar_json_get_number(p, "start", &start);
	(void)athar_json_get_number(p, "size", &size);
	add(&l, "%s: %s at byte %" PRIu64, athar_json_get_text(p, "node"),
	    athar_text_size(buf, sizeof buf, size), start);
	if (system != NULL)
		add(&l, ", %s", system);
	if (label != NULL)
		add(&l, " \"%s\"", label);
	put(to, "Partition", &l);
}

static void put_mount(FILE *to, const athar_json *m)
{
	bool read_only = false;
	line l = {"", 0};

	(void)athar_json_get_bool(m, "read_only", &read_only);
	add(&l, "%s at %s%s", athar_json_get_text(m, "node"), athar_json_get_text(m, "at"),
	    read_only ? ", read-only" : "");
	put(to, "Mounted", &l);
}

static void put_holder(FILE *to, const athar_json *h)
{
	const char *advice = athar_json_get_text(h, "advice");
	line l = {"", 0};

	add(&l, "%s by %s (%s)", athar_json_get_text(h, "held"), athar_json_get_text(h, "name"),
	    athar_json_get_text(h, "kind"));
	if (advice != NULL)
		add(&l, "; ended by: %s", advice);
	put(to, "Held", &l);
}

static void put_each(FILE *to, const athar_json *list, void (*one)(FILE *, const athar_json *))
{
	for (size_t i = 0; i < athar_json_count(list); i++)
		one(to, athar_json_at(list, i));
}

static void put_swap(FILE *to, const athar_json *node)
{
	athar_terminal_fact(to, "Swap space", athar_json_text(node));
}

static void put_note(FILE *to, const athar_json *note)
{
	athar_terminal_fact(to, "Note", athar_json_text(note));
}

static void put_uses(FILE *to, const athar_json *sheet)
{
	line l = {"", 0};

	put_text(to, sheet, "partition_table", "Partitions");
	put_text(to, sheet, "file_system", "File system");
	put_each(to, athar_json_get(sheet, "partitions"), put_partition);
	put_each(to, athar_json_get(sheet, "mounted"), put_mount);
	put_each(to, athar_json_get(sheet, "swap"), put_swap);
	put_each(to, athar_json_get(sheet, "holders"), put_holder);
	if (athar_json_get_text(sheet, "own_disk") != NULL)
		add(&l, "yes: %s lies on it", athar_json_get_text(sheet, "own_disk"));
	put(to, "Own disk", &l);
}

void athar_sheet_put(FILE *to, const athar_json *sheet)
{
	const char *node = athar_json_get_text(sheet, "node");

	athar_terminal_put(to, node != NULL ? node : athar_json_get_text(sheet, "path"));
	(void)fputc('\n', to);
	put_text(to, sheet, "model", "Model");
	put_text(to, sheet, "serial", "Serial");
	put_text(to, sheet, "wwn", "WWN");
	put_text(to, sheet, "firmware", "Firmware");
	put_text(to, sheet, "bus", "Bus");
	put_text(to, sheet, "identity", "Known by");
	put_size(to, sheet);
	put_sectors(to, sheet);
	put_yes(to, sheet, "rotational", "Rotating");
	put_yes(to, sheet, "removable", "Removable");
	put_yes(to, sheet, "read_only", "Read-only");
	put_trim(to, athar_json_get(sheet, "trim"));
	put_kernel(to, athar_json_get(sheet, "kernel"));
	put_hidden(to, athar_json_get(sheet, "hidden"));
	put_smart(to, athar_json_get(sheet, "smart"));
	put_uses(to, sheet);
	put_each(to, athar_json_get(sheet, "notes"), put_note);
}
