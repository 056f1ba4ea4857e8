/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a case held against what was recorded of them. */
#include "case/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"
#include "case/record_set.h"
#include "digest/digest.h"

typedef struct check {
	const athar_case *c;
	const athar_file_checks *checks;
	athar_record_set set;
} check;

static void check_clear(check *k)
{
	athar_record_set_clear(&k->set);
}
ATHAR_DEFINE_AUTO_VALUE(check, check, check_clear)

static athar_status tell(const check *k, const char *name, athar_file_check result,
                         const char *detail, athar_error *err)
{
	return k->checks->file(k->checks->user, name, result, detail, err);
}

static bool wanted(const check *k, const char *name)
{
	return k->checks->wanted == NULL || k->checks->wanted(k->checks->user, name);
}

/* ---- one file ---- */

static athar_status check_hash(const check *k, const athar_file_record *r, const char *path,
                               athar_error *err)
{
	athar_error why = ATHAR_ERROR_INIT;
	athar_digests digests;
	char detail[200];
	uint64_t size = 0;

	if (athar_digest_file(&digests, &size, path, ATHAR_SHA256, &why) != ATHAR_OK)
		return tell(k, r->name, ATHAR_FILE_FAILED, why.text, err);
	if (strcmp(athar_digests_get(&digests, ATHAR_SHA256), r->sha256) == 0)
		return tell(k, r->name, ATHAR_FILE_SAME, NULL, err);
	snprintf(detail, sizeof detail, "SHA-256 on record %s, now %s", r->sha256,
	         athar_digests_get(&digests, ATHAR_SHA256));
	return tell(k, r->name, ATHAR_FILE_DIFFERS, detail, err);
}

static athar_status check_file(const check *k, const athar_file_record *r, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(k->c, NULL, r->name, err);
	char detail[160];
	struct stat st;

	if (path == NULL)
		return err->status;
	if (!wanted(k, r->name))
		return ATHAR_OK;
	/* A file of an image, whose bytes its own hashes prove, may be where there was room. */
	if ((r->sha256[0] == '\0' ? stat(path, &st) : lstat(path, &st)) != 0) {
		const bool gone = errno == ENOENT || errno == ENOTDIR;

		return tell(k, r->name, gone ? ATHAR_FILE_MISSING : ATHAR_FILE_FAILED,
		            strerror(errno), err);
	}
	if (!S_ISREG(st.st_mode))
		return tell(k, r->name, ATHAR_FILE_DIFFERS, "it is no regular file any more", err);
	if (r->size != ATHAR_NOWHERE && r->size != (uint64_t)st.st_size) {
		snprintf(detail, sizeof detail, "size on record %llu, now %llu",
		         (unsigned long long)r->size, (unsigned long long)st.st_size);
		return tell(k, r->name, ATHAR_FILE_DIFFERS, detail, err);
	}
	if (r->sha256[0] == '\0')
		return tell(k, r->name, ATHAR_FILE_SIZE_ONLY, "no hash is on record", err);
	return check_hash(k, r, path, err);
}

static athar_status check_records(check *k, athar_error *err)
{
	for (size_t i = 0; i < k->set.count; i++)
		ATHAR_TRY(check_file(k, &k->set.record[i], err));
	return ATHAR_OK;
}

/* ---- what is there without a record ---- */

/* Files of a folder; `deep`: and of folders below it, so many levels. */
static athar_status find_extra(const check *k, const char *folder, unsigned deep, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(k->c, NULL, folder, err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_names_load(&names, path, err));
	for (size_t i = 0; i < names.count; i++) {
		ATHAR_AUTO(free) char *name = athar_join(folder, names.name[i], err);
		ATHAR_AUTO(free) char *full = NULL;
		struct stat st;

		if (name == NULL || (full = athar_case_path(k->c, NULL, name, err)) == NULL)
			return err->status;
		if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
			if (deep != 0)
				ATHAR_TRY(find_extra(k, name, deep - 1, err));
		} else if (!athar_record_set_has(&k->set, name)) {
			ATHAR_TRY(tell(k, name, ATHAR_FILE_EXTRA, "no record tells of it", err));
		}
	}
	return ATHAR_OK;
}

/* ---- a run ---- */

/* "HEX  recovered/000/000001.jpg", as sha256sum writes it. */
static athar_status take_manifest_line(check *k, const char *folder, const char *manifest,
                                       const athar_line *line, athar_error *err)
{
	const char *text = (const char *)line->bytes;
	char detail[80];

	if (strlen(text) == line->len && line->len > 66 && athar_record_hex_form(text) &&
	    text[64] == ' ' && text[65] == ' ' && athar_record_name_form(text + 66)) {
		ATHAR_AUTO(free) char *name = athar_join(folder, text + 66, err);

		if (name == NULL)
			return err->status;
		return athar_record_set_add(&k->set, name, text, ATHAR_NOWHERE, err);
	}
	snprintf(detail, sizeof detail, "line %llu is none of a manifest",
	         (unsigned long long)line->number);
	return tell(k, manifest, ATHAR_FILE_FAILED, detail, err);
}

static athar_status load_manifest(check *k, const char *folder, const char *manifest,
                                  athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(k->c, NULL, manifest, err);
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;

	if (path == NULL)
		return err->status;
	if (access(path, F_OK) != 0)
		return tell(k, manifest, ATHAR_FILE_MISSING, strerror(errno), err);
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(take_manifest_line(k, folder, manifest, &line, err));
	return status == ATHAR_EOF ? ATHAR_OK : status;
}

athar_status athar_run_check(const athar_case *c, const char *slug, const char *run,
                             const athar_file_checks *checks, athar_error *err)
{
	ATHAR_AUTO(check) check k = {.c = c, .checks = checks};
	ATHAR_AUTO(free) char *folder = athar_join(slug, run, err);
	ATHAR_AUTO(free) char *manifest = NULL;

	if (folder == NULL || (manifest = athar_join(folder, "manifest.sha256", err)) == NULL)
		return err->status;
	ATHAR_TRY(load_manifest(&k, folder, manifest, err));
	ATHAR_TRY(check_records(&k, err));
	/* The manifest does not tell of itself; the custody log does. */
	ATHAR_TRY(athar_record_set_add(&k.set, manifest, "", ATHAR_NOWHERE, err));
	return find_extra(&k, folder, 2, err);
}

/* ---- the custody log ---- */

typedef struct collect {
	check *k;
	const char *slug;
} collect;

/* Is it below the folder of this exhibit? */
static bool below(const char *name, const char *slug)
{
	const size_t len = strlen(slug);

	return strncmp(name, slug, len) == 0 && name[len] == '/';
}

static athar_status collect_file(const collect *co, const athar_json *file, athar_error *err)
{
	const char *name = athar_json_get_text(file, "name");
	const char *hex = athar_json_get_text(file, "sha256");
	uint64_t size = ATHAR_NOWHERE;

	if (name == NULL || name[0] == '/')
		return ATHAR_OK;
	if (co->slug != NULL && !below(name, co->slug))
		return ATHAR_OK;
	(void)athar_json_get_number(file, "size", &size);
	if (!athar_record_name_form(name) ||
	    (hex != NULL && (strlen(hex) != 64 || !athar_record_hex_form(hex))))
		return tell(co->k, name, ATHAR_FILE_FAILED, "its record cannot be understood", err);
	return athar_record_set_add(&co->k->set, name, hex == NULL ? "" : hex, size, err);
}

static athar_status collect_line(void *user, uint64_t number, const athar_json *line,
                                 athar_error *err)
{
	const collect *co = user;
	const char *action = athar_json_get_text(line, "action");
	const athar_json *data = athar_json_get(line, "data");
	const athar_json *files = athar_json_get(data, "files");
	const char *hex = athar_json_get_text(data, "sha256");

	(void)number;
	if (strcmp(action, "case.new") == 0 || strcmp(action, "case.set") == 0) {
		if (co->slug != NULL || hex == NULL || strlen(hex) != 64 ||
		    !athar_record_hex_form(hex))
			return ATHAR_OK;
		return athar_record_set_add(&co->k->set, "case.json", hex, ATHAR_NOWHERE, err);
	}
	for (size_t i = 0; i < athar_json_count(files); i++)
		ATHAR_TRY(collect_file(co, athar_json_at(files, i), err));
	return ATHAR_OK;
}

static athar_status extra_of_exhibit(void *user, const char *slug, const athar_json *fields,
                                     athar_error *err)
{
	const collect *co = user;

	(void)fields;
	if (co->slug != NULL && strcmp(co->slug, slug) != 0)
		return ATHAR_OK;
	return find_extra(co->k, slug, 0, err);
}

athar_status athar_exhibit_check(const athar_case *c, const char *slug,
                                 const athar_file_checks *checks, athar_error *err)
{
	ATHAR_AUTO(check) check k = {.c = c, .checks = checks};
	collect co = {&k, slug};

	ATHAR_TRY(athar_custody_each(c->folder, collect_line, &co, err));
	ATHAR_TRY(check_records(&k, err));
	return athar_case_each_exhibit(c, extra_of_exhibit, &co, err);
}
