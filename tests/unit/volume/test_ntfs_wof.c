/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that WOF has packed in a volume: ntfs-3g writes what Windows would, with chunks of
 * wimlib's.
 */
#include "packed.h"
#include "volume_support.h"

#include <sys/xattr.h>

#include "base/endian.h"

static int set_up(void **state)
{
	*state = athar_test_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	int exit;

	/* Where a test was cut off. */
	free(run(&exit, "umount %s/mnt 2>&1", (const char *)*state));
	athar_test_rmdir(*state);
	return 0;
}

/* Needs FUSE: skips the test where ntfs-3g does not mount. */
static void mount_new(const char *folder)
{
	int exit;

	free(run_or_skip("ntfs-3g",
	                 "cd %s && mkdir mnt && truncate -s 16M disk && mkntfs -q -F disk",
	                 folder));
	free(run(&exit,
	         "PATH=$PATH:/usr/sbin:/sbin; cd %s && "
	         "ntfs-3g -o streams_interface=windows disk mnt 2>&1",
	         folder));
	if (exit != 0)
		skip();
}

static void open_disk(kept *k, const char *folder)
{
	char path[4200];

	free(run_or_skip("umount", "cd %s && umount mnt", folder));
	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
	assert_int_equal(k->volumes, 1);
	keep_walk(k, 0);
}

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void name_of(char name[64], const packed_vector *v)
{
	snprintf(name, 64, "packed-%u-%zu", v->packing, v->length);
}

/* A hole, the stream if there is one, and the reparse point. */
static void write_packed(const char *path, const packed_vector *v, bool stream)
{
	uint8_t reparse[24] = {0x17, 0, 0, 0x80, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1};
	char name[4300];

	write_file(path, (const uint8_t *)"", 0);
	assert_int_equal(truncate(path, (off_t)v->length), 0);
	snprintf(name, sizeof name, "%s:WofCompressedData", path);
	if (stream)
		write_file(name, v->packed, v->size);
	athar_put_le32(reparse + 20, v->packing);
	assert_int_equal(setxattr(path, "system.ntfs_reparse_data", reparse, sizeof reparse, 0), 0);
}

static void write_vector(const packed_vector *v, void *user)
{
	const char *folder = user;
	char name[64], path[4200];

	name_of(name, v);
	snprintf(path, sizeof path, "%s/mnt/%s", folder, name);
	write_packed(path, v, true);
}

static void assert_same(kept *k, const kept_file *f, const packed_vector *v)
{
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_int_equal(f->file.size, v->length);
	ATHAR_AUTO(free) uint8_t *content = kept_content(k, f);

	assert_memory_equal(content, v->data, v->length);
}

static void assert_vector(const packed_vector *v, void *user)
{
	kept *k = user;
	char name[64], stream[128];

	name_of(name, v);
	snprintf(stream, sizeof stream, "%s:WofCompressedData", name);
	const kept_file *f = kept_find(k, name, ATHAR_STATE_LIVE);
	const kept_file *from = kept_find(k, stream, ATHAR_STATE_LIVE);

	assert_same(k, f, v);
	assert_non_null(from);
	assert_int_equal(from->file.size, v->size);
	const athar_extent *x = &f->file.extents.extent[0];

	assert_int_equal(f->file.extents.count, 1);
	assert_int_equal(x->kind, ATHAR_EXTENT_DERIVED);
	assert_int_equal(x->transform,
	                 v->packing == 1 ? ATHAR_TRANSFORM_LZX : ATHAR_TRANSFORM_XPRESS);
	assert_int_equal(x->stored, v->size);
	assert_int_equal(x->image, from->file.extents.extent[0].image);
}

/* Of ntfs-3g a file of one byte is resident and no hole: it is given as what it is. */
static void without_resident(const packed_vector *v, void *user)
{
	if (v->length > 1)
		write_vector(v, user);
}

static void assert_all_but_resident(const packed_vector *v, void *user)
{
	if (v->length > 1)
		assert_vector(v, user);
}

static void live_files_are_whole(void **state)
{
	kept k;

	mount_new(*state);
	packed_each("wof", without_resident, *state);
	open_disk(&k, *state);
	assert_int_equal(packed_each("wof", assert_all_but_resident, &k), 20);
	keep_close(&k);
}

/* What is written for the deleted and the damaged: of the vector with 45000 bytes in LZX. */
static void write_bad(const packed_vector *v, void *user)
{
	const char *folder = user;
	char path[4200];

	if (v->packing != 1 || v->length != 45000)
		return;
	snprintf(path, sizeof path, "%s/mnt/filler", folder);
	write_file(path, (const uint8_t *)"", 0);
	snprintf(path, sizeof path, "%s/mnt/deleted", folder);
	write_packed(path, v, true);
	snprintf(path, sizeof path, "%s/mnt/without", folder);
	write_packed(path, v, false);
	snprintf(path, sizeof path, "%s/mnt/damaged", folder);
	v->packed[4] = (uint8_t)(v->packed[4] ^ 0xFFU); /* the first block has no such type */
	write_packed(path, v, true);
	snprintf(path, sizeof path, "%s/mnt/unknown", folder);
	packed_vector other = *v;

	other.packing = 9;
	write_packed(path, &other, true);
	snprintf(path, sizeof path, "%s/mnt/deleted", folder);
	assert_int_equal(unlink(path), 0);
}

static void assert_deleted(const packed_vector *v, void *user)
{
	kept *k = user;
	const kept_file *f = kept_find(k, "deleted", ATHAR_STATE_DELETED);

	if (v->packing != 1 || v->length != 45000)
		return;
	assert_same(k, f, v);
	assert_int_equal(f->file.reused, 0);
}

static void assert_lost(const kept *k, const char *name, const char *why)
{
	const kept_file *f = kept_find(k, name, ATHAR_STATE_LIVE);

	assert_non_null(f);
	assert_false(f->file.readable);
	assert_non_null(strstr(f->file.why, why));
	assert_int_equal(f->file.size, 45000);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_MISSING);
}

/* Its second chunk can be had, the first cannot; a request for both is refused. */
static void assert_damaged(kept *k)
{
	const kept_file *f = kept_find(k, "damaged", ATHAR_STATE_LIVE);
	uint8_t *out = malloc(45000);
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 99;

	assert_non_null(f);
	assert_status(athar_volume_read(&got, k->volume, f->file.meta, f->file.type, f->file.id,
	                                out, 45000, 0, &err),
	              ATHAR_EFORMAT, err);
	assert_int_equal(got, 0);
	assert_ok(athar_volume_read(&got, k->volume, f->file.meta, f->file.type, f->file.id, out,
	                            45000, 32768, &err),
	          err);
	assert_int_equal(got, 45000 - 32768);
	assert_ok(athar_volume_read(&got, k->volume, f->file.meta, f->file.type, f->file.id, out,
	                            10, 45000, &err),
	          err);
	assert_int_equal(got, 0);
	free(out);
}

static void deleted_and_damaged_files(void **state)
{
	kept k;

	mount_new(*state);
	packed_each("wof", write_bad, *state);
	open_disk(&k, *state);
	packed_each("wof", assert_deleted, &k);
	assert_damaged(&k);
	assert_lost(&k, "without", "WofCompressedData");
	assert_lost(&k, "unknown", "not known");
	keep_close(&k);
}

/* A file that has taken all clusters that were free has those of the packed stream too. */
static void clusters_in_use_again_are_counted(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	int exit;
	kept k;

	mount_new(folder);
	packed_each("wof", write_bad, *state);
	free(run(&exit, "cd %s && cat /dev/zero >mnt/filler 2>&1", folder));
	open_disk(&k, folder);
	f = kept_find(&k, "deleted", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DERIVED);
	assert_int_equal(f->file.reused, f->file.extents.extent[0].stored);
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(live_files_are_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deleted_and_damaged_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clusters_in_use_again_are_counted, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests_name("volume wof", tests, NULL, NULL);
}
