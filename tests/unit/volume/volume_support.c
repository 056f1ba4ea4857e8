/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume_support.h"

#include <sys/wait.h>

static athar_status keep_info(void *user, const athar_volume_info *info, athar_error *err)
{
	kept *k = user;

	(void)err;
	assert_true(k->volumes < ATHAR_COUNT(k->info));
	assert_int_equal(info->number, k->volumes);
	k->info[k->volumes++] = *info;
	return ATHAR_OK;
}

void keep_source(kept *k, athar_source *source)
{
	athar_error err = ATHAR_ERROR_INIT;

	memset(k, 0, sizeof *k);
	k->source = source;
	assert_ok(athar_volumes_each(source, k->table, keep_info, k, &err), err);
}

void keep_open(kept *k, const char *image)
{
	static const athar_source_driver *const drivers[] = {&athar_source_raw, NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_ok(athar_source_open_with(&source, image, drivers, &err), err);
	keep_source(k, source);
}

static void forget_files(kept *k)
{
	for (size_t i = 0; i < k->count; i++)
		athar_extents_clear(&k->files[i].file.extents);
	k->count = 0;
	k->findings[0] = '\0';
}

void keep_close(kept *k)
{
	forget_files(k);
	free(k->files);
	athar_volume_close(k->volume);
	athar_source_close(k->source);
}

/* Extents have no gaps, cover the size, and data lies in the image. */
static void check_extents(const kept *k, const athar_volume_file *f)
{
	const uint64_t size = athar_source_describe(k->source)->size;
	uint64_t at = 0;

	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *x = &f->extents.extent[i];

		assert_int_equal(x->logical, at);
		assert_true(x->length > 0);
		at += x->length;
		if (x->kind == ATHAR_EXTENT_DATA) {
			assert_true(x->image <= size && x->length <= size - x->image);
			assert_int_equal(x->stored, x->length);
		}
		if (x->kind == ATHAR_EXTENT_HOLE || x->kind == ATHAR_EXTENT_MISSING)
			assert_true(x->image == ATHAR_NOWHERE);
	}
	assert_int_equal(at, f->size);
	if (!f->readable)
		assert_true(f->why[0] != '\0');
}

static athar_status keep_file(void *user, const athar_volume_file *file, athar_error *err)
{
	kept *k = user;
	kept_file *f;

	check_extents(k, file);
	if (k->count == k->capacity) {
		k->capacity = k->capacity == 0 ? 64 : k->capacity * 2;
		k->files = realloc(k->files, k->capacity * sizeof *k->files);
		assert_non_null(k->files);
	}
	f = &k->files[k->count++];
	memset(f, 0, sizeof *f);
	assert_true(file->path_len < sizeof f->path);
	if (file->path_len > 0)
		memcpy(f->path, file->path, file->path_len);
	f->file = *file;
	f->file.path = NULL;
	f->file.extents = (athar_extents)ATHAR_EXTENTS_INIT;
	return athar_extents_copy(&f->file.extents, &file->extents, err);
}

static athar_status keep_finding(void *user, const char *text, athar_error *err)
{
	kept *k = user;
	const size_t n = strlen(k->findings);

	(void)err;
	snprintf(k->findings + n, sizeof k->findings - n, "%s\n", text);
	return ATHAR_OK;
}

static athar_status keep_beat(void *user, uint64_t done, athar_error *err)
{
	kept *k = user;

	(void)err;
	assert_true(done > k->beats);
	k->beats = done;
	return ATHAR_OK;
}

void keep_walk(kept *k, size_t n)
{
	const athar_volume_walk walk = {keep_file, keep_finding, keep_finding, keep_beat, k};
	athar_error err = ATHAR_ERROR_INIT;

	forget_files(k);
	athar_volume_close(k->volume);
	k->volume = NULL;
	k->beats = 0;
	assert_true(n < k->volumes);
	assert_ok(athar_volume_open(&k->volume, k->source, &k->info[n], &err), err);
	assert_ok(athar_volume_walk_files(&k->counts, k->volume, &walk, &err), err);
	assert_true(k->beats > 0);
}

const kept_file *kept_find(const kept *k, const char *path, athar_state state)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->files[i].file.state == state && strcmp(k->files[i].path, path) == 0)
			return &k->files[i];
	}
	return NULL;
}

size_t kept_count(const kept *k, athar_state state, bool folders)
{
	size_t n = 0;

	for (size_t i = 0; i < k->count; i++)
		n += k->files[i].file.state == state && k->files[i].file.folder == folders;
	return n;
}

static void read_derived(kept *k, const athar_volume_file *f, uint8_t *out, const athar_extent *x)
{
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	assert_ok(athar_volume_read(&got, k->volume, f->meta, f->type, f->id, out,
	                            (size_t)x->length, x->logical, &err),
	          err);
	assert_int_equal(got, x->length);
}

uint8_t *kept_content(kept *k, const kept_file *f)
{
	uint8_t *out = calloc(1, f->file.size == 0 ? 1 : (size_t)f->file.size);
	athar_error err = ATHAR_ERROR_INIT;
	size_t got;

	assert_non_null(out);
	for (size_t i = 0; i < f->file.extents.count; i++) {
		const athar_extent *x = &f->file.extents.extent[i];

		if (x->kind == ATHAR_EXTENT_DERIVED)
			read_derived(k, &f->file, out + x->logical, x);
		if (x->kind != ATHAR_EXTENT_DATA)
			continue;
		assert_ok(athar_source_read(k->source, out + x->logical, (size_t)x->length,
		                            x->image, &got, NULL, &err),
		          err);
		assert_int_equal(got, x->length);
	}
	return out;
}

static void sha256(const void *bytes, size_t len, char hex[65])
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;
	athar_digests digests;

	assert_ok(athar_digester_new(&d, ATHAR_SHA256, &err), err);
	assert_ok(athar_digester_update(d, bytes, len, &err), err);
	assert_ok(athar_digester_finish(&digests, d, &err), err);
	athar_digester_free(d);
	snprintf(hex, 65, "%s", athar_digests_get(&digests, ATHAR_SHA256));
}

void content_sha256(kept *k, const kept_file *f, char hex[65])
{
	uint8_t *bytes = kept_content(k, f);

	sha256(bytes, (size_t)f->file.size, hex);
	free(bytes);
}

void file_sha256(const char *path, char hex[65])
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;
	long size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	rewind(f);
	bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)size, f), size);
	fclose(f);
	sha256(bytes, (size_t)size, hex);
	free(bytes);
}

static char *read_command(int *exit, const char *command)
{
	size_t len = 0, capacity = 4096;
	char *out = malloc(capacity);
	FILE *f = popen(command, "r");
	int status;

	assert_non_null(out);
	assert_non_null(f);
	for (size_t n; (n = fread(out + len, 1, capacity - len - 1, f)) > 0;) {
		len += n;
		if (capacity - len < 2) {
			capacity *= 2;
			out = realloc(out, capacity);
			assert_non_null(out);
		}
	}
	out[len] = '\0';
	status = pclose(f);
	*exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return out;
}

char *run(int *exit, const char *format, ...)
{
	char command[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return read_command(exit, command);
}

char *run_or_skip(const char *program, const char *format, ...)
{
	char command[8192];
	va_list args;
	char *out;
	int exit;

	out = run(&exit, "PATH=$PATH:/usr/sbin:/sbin command -v %s", program);
	free(out);
	if (exit != 0)
		skip();
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin; exec 2>&1; ");
	va_start(args, format);
	vsnprintf(command + strlen(command), sizeof command - strlen(command), format, args);
	va_end(args);
	out = read_command(&exit, command);
	if (exit != 0)
		print_error("%s\ngave %d: %s\n", command, exit, out);
	assert_int_equal(exit, 0);
	return out;
}

void unpack_sample(char image[4096], const char *folder, const char *name)
{
	char packed[256];

	snprintf(packed, sizeof packed, SAMPLES "/fs.%s.xz", name);
	if (access(packed, R_OK) != 0)
		skip();
	snprintf(image, 4096, "%s/fs.%s", folder, name);
	if (access(image, R_OK) != 0)
		free(run_or_skip("xz", "xz -dkc %s > %s", packed, image));
}

const kept_file *kept_same(kept *k, const char *path, athar_state state, const char *folder,
                           const char *name)
{
	const kept_file *f = kept_find(k, path, state);
	char original[4200], expected[65], found[65];

	if (f == NULL)
		print_error("%s was not found\n", path);
	assert_non_null(f);
	snprintf(original, sizeof original, "%s/%s", folder, name);
	file_sha256(original, expected);
	content_sha256(k, f, found);
	assert_string_equal(found, expected);
	assert_true(f->file.readable);
	return f;
}
