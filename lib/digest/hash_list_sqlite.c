/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists that are SQLite databases: NSRL RDS 3 and The Sleuth Kit's. Opened so that nothing is
 * written, no journal is played back and no lock is taken; what the file says of itself is not run.
 */
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "digest/hash_list.h"

#define ROWS_A_LOOK 65536u
#define STEPS_A_LOOK 100000

typedef struct database {
	sqlite3 *db;
	sqlite3_stmt *rows;
	const char *path;
	unsigned column[ATHAR_HASH_PARTS + 1]; /* an algorithm, 0: the category */
	size_t columns;
} database;

static void clear_database(database *d)
{
	(void)sqlite3_finalize(d->rows);
	(void)sqlite3_close(d->db);
}

ATHAR_DEFINE_AUTO_VALUE(database, database, clear_database)

const char *athar_list_engine(void)
{
	return sqlite3_libversion();
}

static athar_status failed(const database *d, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "%s is no whole list of hashes: SQLite says: %s",
	                  d->path, d->db != NULL ? sqlite3_errmsg(d->db) : "out of memory");
}

/* What stands in a log beside it belongs to the list, and would be passed over. */
static athar_status refuse_log(const char *path, const char *end, athar_error *err)
{
	ATHAR_AUTO(free) char *log = athar_format_text(err, "%s%s", path, end);
	struct stat st;

	if (log == NULL)
		return err->status;
	if (stat(log, &st) == 0 && st.st_size > 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "a part of the list is still in %s: open it once with sqlite3, "
		                  "which takes it in",
		                  log);
	return ATHAR_OK;
}

static char *uri_of(const char *path, athar_error *err)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char tail[] = "?mode=ro&immutable=1";
	char *uri = athar_alloc(5 + 3 * strlen(path) + sizeof tail, err);
	char *to = uri;

	if (uri == NULL)
		return NULL;
	memcpy(to, "file:", 5);
	to += 5;
	for (const unsigned char *p = (const unsigned char *)path; *p != '\0'; p++) {
		const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		                   (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' ||
		                   *p == '-' || (*p == '/' && (p[1] != '/'));

		if (plain) {
			*to++ = (char)*p;
			continue;
		}
		*to++ = '%';
		*to++ = digits[*p >> 4];
		*to++ = digits[*p & 15];
	}
	memcpy(to, tail, sizeof tail);
	return uri;
}

static int look(void *user)
{
	const athar_list_sink *sink = user;

	return athar_watch_cancelled(sink->watcher);
}

static athar_status open_database(database *d, athar_list_sink *sink, athar_error *err)
{
	ATHAR_AUTO(free) char *uri = uri_of(d->path, err);

	if (uri == NULL)
		return err->status;
	ATHAR_TRY(refuse_log(d->path, "-wal", err));
	ATHAR_TRY(refuse_log(d->path, "-journal", err));
	if (sqlite3_open_v2(uri, &d->db,
	                    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
	                            SQLITE_OPEN_PRIVATECACHE,
	                    NULL) != SQLITE_OK)
		return failed(d, err);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_exec(d->db, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
	sqlite3_progress_handler(d->db, STEPS_A_LOOK, look, sink);
	return ATHAR_OK;
}

/* Which of a table's columns are hashes; their names, quoted, with commas between. */
static void choose_columns(database *d, char names[200], sqlite3_stmt *all)
{
	const int count = sqlite3_column_count(all);
	unsigned taken = 0;

	names[0] = '\0';
	for (int i = 0; i < count && d->columns < ATHAR_COUNT(d->column); i++) {
		const char *name = sqlite3_column_name(all, i);
		const size_t len = name == NULL ? 0 : strlen(name);
		const unsigned algorithm = len > 20 ? 0 : athar_listed_by_name(name, len);
		const size_t used = strlen(names);

		if (len == 0 || strchr(name, '"') != NULL || (taken & algorithm) != 0 ||
		    (algorithm == 0 && sqlite3_stricmp(name, "category") != 0))
			continue;
		taken |= algorithm;
		d->column[d->columns++] = algorithm;
		(void)snprintf(names + used, 200 - used, "%s\"%s\"", used == 0 ? "" : ",", name);
	}
	if (taken == 0)
		d->columns = 0;
}

/* Asks for the hashes of a table, if there is one with hashes. */
static athar_status ask_table(database *d, const char *table, athar_error *err)
{
	sqlite3_stmt *all = NULL;
	char names[200], sql[300];

	(void)snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
	if (sqlite3_prepare_v2(d->db, sql, -1, &all, NULL) != SQLITE_OK)
		return sqlite3_errcode(d->db) == SQLITE_ERROR ? ATHAR_OK : failed(d, err);
	choose_columns(d, names, all);
	(void)sqlite3_finalize(all);
	if (d->columns == 0)
		return ATHAR_OK;
	(void)snprintf(sql, sizeof sql, "SELECT %s FROM %s", names, table);
	if (sqlite3_prepare_v2(d->db, sql, -1, &d->rows, NULL) != SQLITE_OK)
		return failed(d, err);
	return ATHAR_OK;
}

/* Hashes are hex in one kind of list and raw bytes in the other. */
static void take_column(athar_listed *e, const database *d, int i)
{
	const int type = sqlite3_column_type(d->rows, i);
	const uint8_t *bytes = sqlite3_column_blob(d->rows, i);
	const size_t len = (size_t)sqlite3_column_bytes(d->rows, i);
	const unsigned algorithm = d->column[i];

	if (bytes == NULL || type == SQLITE_NULL)
		return;
	if (algorithm == 0)
		(void)athar_listed_category(e, (const char *)bytes, len);
	else if (type == SQLITE_TEXT)
		(void)athar_listed_set(e, algorithm, (const char *)bytes, len);
	else if (type == SQLITE_BLOB && 2 * len == athar_digest_hex_length(algorithm)) {
		memcpy(e->hash[algorithm == ATHAR_MD5    ? 0
		               : algorithm == ATHAR_SHA1 ? 1
		                                         : 2],
		       bytes, len);
		e->algorithms |= algorithm;
	}
}

static athar_status take_rows(database *d, athar_list_sink *sink, athar_error *err)
{
	uint64_t number = 0;
	int step;

	while ((step = sqlite3_step(d->rows)) == SQLITE_ROW) {
		athar_listed e = ATHAR_LISTED_INIT;
		const athar_progress progress = {.phase = "known", .items = number};

		for (size_t i = 0; i < d->columns; i++)
			take_column(&e, d, (int)i);
		ATHAR_TRY(athar_list_take(sink, &e, ++number, err));
		if (number % ROWS_A_LOOK == 0)
			athar_watch_progress(sink->watcher, &progress);
	}
	if (step == SQLITE_INTERRUPT)
		return athar_fail(err, ATHAR_ECANCELED,
		                  "the lists of known files were not read to their end");
	return step == SQLITE_DONE ? ATHAR_OK : failed(d, err);
}

athar_status athar_list_sqlite_read(athar_list_sink *sink, const char *path, athar_error *err)
{
	static const char *const tables[] = {"FILE", "hashes"};
	ATHAR_AUTO(database) database d = {.path = path};

	ATHAR_TRY(open_database(&d, sink, err));
	for (size_t i = 0; i < ATHAR_COUNT(tables) && d.rows == NULL; i++)
		ATHAR_TRY(ask_table(&d, tables[i], err));
	if (d.rows == NULL)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s is a database, but no list of hashes: it has no table FILE "
		                  "and no table hashes with md5, sha1 or sha256",
		                  path);
	return take_rows(&d, sink, err);
}
