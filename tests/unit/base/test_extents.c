/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include "base/idiom.h"

static void add(athar_extents *x, athar_extent_kind kind, uint64_t image, uint64_t length)
{
	const athar_extent extent = {.image = image, .length = length, .kind = kind};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_extents_add(x, extent, &err), err);
}

static void assert_extent(const athar_extents *x, size_t i, athar_extent expected)
{
	assert_true(i < x->count);
	assert_int_equal(x->extent[i].logical, expected.logical);
	assert_int_equal(x->extent[i].image, expected.image);
	assert_int_equal(x->extent[i].length, expected.length);
	assert_int_equal(x->extent[i].stored, expected.stored);
	assert_int_equal(x->extent[i].kind, expected.kind);
	assert_int_equal(x->extent[i].transform, expected.transform);
}

static void file_order_is_kept_and_what_goes_on_is_joined(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_extents_add_data(&x, 4096, 100, &err), err);
	assert_ok(athar_extents_add_data(&x, 4196, 100, &err), err);
	assert_ok(athar_extents_add_data(&x, 0, 0, &err), err);
	assert_ok(athar_extents_add_data(&x, 512, 50, &err), err);
	add(&x, ATHAR_EXTENT_HOLE, 77, 10);
	add(&x, ATHAR_EXTENT_HOLE, 0, 10);
	add(&x, ATHAR_EXTENT_MISSING, 0, 5);
	assert_int_equal(x.count, 4);
	assert_extent(&x, 0, (athar_extent){.image = 4096, .length = 200, .stored = 200});
	assert_extent(&x, 1,
	              (athar_extent){.logical = 200, .image = 512, .length = 50, .stored = 50});
	assert_extent(&x, 2,
	              (athar_extent){.logical = 250,
	                             .image = ATHAR_NOWHERE,
	                             .length = 20,
	                             .kind = ATHAR_EXTENT_HOLE});
	assert_extent(&x, 3,
	              (athar_extent){.logical = 270,
	                             .image = ATHAR_NOWHERE,
	                             .length = 5,
	                             .kind = ATHAR_EXTENT_MISSING});
	assert_int_equal(athar_extents_size(&x), 275);
}

static void derived_pieces_stay_apart(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_extent extent = {.image = 0,
	                       .length = 65536,
	                       .stored = 4096,
	                       .kind = ATHAR_EXTENT_DERIVED,
	                       .transform = ATHAR_TRANSFORM_LZNT1};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_extents_add(&x, extent, &err), err);
	extent.image = 4096;
	assert_ok(athar_extents_add(&x, extent, &err), err);
	assert_int_equal(x.count, 2);
	athar_extents_truncate(&x, 65536 + 100);
	extent.logical = 65536;
	extent.length = 100;
	assert_extent(&x, 1, extent);
}

static void truncation_cuts_and_never_grows(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	athar_extents_truncate(&x, 0);
	assert_ok(athar_extents_add_data(&x, 1000, 100, &err), err);
	assert_ok(athar_extents_add_data(&x, 5000, 100, &err), err);
	athar_extents_truncate(&x, 1000);
	assert_int_equal(athar_extents_size(&x), 200);
	athar_extents_truncate(&x, 150);
	assert_extent(&x, 1,
	              (athar_extent){.logical = 100, .image = 5000, .length = 50, .stored = 50});
	athar_extents_truncate(&x, 100);
	assert_int_equal(x.count, 1);
	athar_extents_truncate(&x, 0);
	assert_int_equal(x.count, 0);
}

static void only_the_images_own_bytes_are_plain(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;

	(void)state;
	assert_true(athar_extents_plain(&x));
	add(&x, ATHAR_EXTENT_DATA, 10, 10);
	assert_true(athar_extents_plain(&x));
	add(&x, ATHAR_EXTENT_HOLE, 0, 10);
	assert_false(athar_extents_plain(&x));
}

static void a_copy_is_of_its_own(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(extents) athar_extents copy = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_extents_copy(&copy, &x, &err), err);
	assert_int_equal(copy.count, 0);
	add(&x, ATHAR_EXTENT_DATA, 10, 10);
	add(&copy, ATHAR_EXTENT_DATA, 99, 1);
	assert_ok(athar_extents_copy(&copy, &x, &err), err);
	assert_ok(athar_extents_copy(&copy, &copy, &err), err);
	athar_extents_clear(&x);
	assert_int_equal(copy.count, 1);
	assert_extent(&copy, 0, (athar_extent){.image = 10, .length = 10, .stored = 10});
}

static void addresses_that_do_not_fit_are_refused(void **state)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	const athar_extent hole = {.length = UINT64_MAX, .kind = ATHAR_EXTENT_HOLE};

	(void)state;
	assert_status(athar_extents_add_data(&x, UINT64_MAX, 2, &err), ATHAR_ELIMIT, err);
	add(&x, ATHAR_EXTENT_HOLE, 0, 1);
	assert_status(athar_extents_add(&x, hole, &err), ATHAR_ELIMIT, err);
	assert_int_equal(athar_extents_size(&x), 1);
}

static void names_go_there_and_back(void **state)
{
	static const char *const kinds[] = {"data", "hole", "derived", "missing"};
	static const char *const transforms[] = {"none", "fixup", "lznt1", "deflate"};
	athar_extent_kind kind = ATHAR_EXTENT_DATA;
	athar_transform transform = ATHAR_TRANSFORM_NONE;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_string_equal(athar_extent_kind_name((athar_extent_kind)i), kinds[i]);
		assert_string_equal(athar_transform_name((athar_transform)i), transforms[i]);
		assert_true(athar_extent_kind_parse(&kind, kinds[i]));
		assert_int_equal(kind, i);
		assert_true(athar_transform_parse(&transform, transforms[i]));
		assert_int_equal(transform, i);
	}
	assert_false(athar_extent_kind_parse(&kind, "Data"));
	assert_false(athar_extent_kind_parse(&kind, NULL));
	assert_false(athar_transform_parse(&transform, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_order_is_kept_and_what_goes_on_is_joined),
		cmocka_unit_test(derived_pieces_stay_apart),
		cmocka_unit_test(truncation_cuts_and_never_grows),
		cmocka_unit_test(only_the_images_own_bytes_are_plain),
		cmocka_unit_test(a_copy_is_of_its_own),
		cmocka_unit_test(addresses_that_do_not_fit_are_refused),
		cmocka_unit_test(names_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
