/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source that goes away and comes back, or does not: loop devices, whose identity is the file
 * behind them, and raw files.
 */
#include "device_support.h"

#include <sys/wait.h>

#include "engine/gate.h"
#include "jail/confine.h"
#include "jail/landlock.h"

#define SIZE (1u << 20)

/* In a child that is confined, where cmocka's assertions would unwind into the parent's tests. */
#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			static const char text_[] = "failed in the child: " #condition "\n"; \
			(void)!write(2, text_, sizeof text_ - 1); \
			_exit(1); \
		} \
	} while (0)

static void put_image(const char *name, uint64_t seed)
{
	uint8_t *bytes = malloc(SIZE);
	FILE *f = fopen(below(name), "wb");

	assert_non_null(bytes);
	assert_non_null(f);
	athar_test_fill(bytes, SIZE, seed);
	assert_int_equal(fwrite(bytes, 1, SIZE, f), SIZE);
	assert_int_equal(fclose(f), 0);
	free(bytes);
}

static bool holds(athar_source *source, uint64_t seed)
{
	uint8_t *expected = malloc(SIZE), *got = malloc(SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;
	bool same;

	athar_test_fill(expected, SIZE, seed);
	same = athar_source_describe(source)->size == SIZE &&
	       athar_source_read(source, got, SIZE, 0, &len, NULL, &err) == ATHAR_OK &&
	       len == SIZE && memcmp(got, expected, SIZE) == 0;
	free(expected);
	free(got);
	return same;
}

static athar_gate *open_gate(const char *path)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_gate *gate = NULL;

	assert_ok(athar_source_open(&source, path, &err), err);
	assert_ok(athar_gate_open(&gate, source, true, &err), err);
	return gate;
}

static void reopen_is(athar_gate *gate, athar_status expected, const char *says)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_status(athar_gate_reopen(&source, gate, &err), expected, err);
	if (strstr(err.text, says) == NULL)
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, says));
	assert_null(source);
}

static void reopens(athar_gate *gate, const char *path, uint64_t seed)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_ok(athar_gate_reopen(&source, gate, &err), err);
	assert_string_equal(athar_source_describe(source)->path, path);
	assert_true(holds(source, seed));
	athar_source_close(source);
}

/* Something else in the place of `node`; skips where somebody else was faster. */
static void attach_at(const char *node, const char *options, const char *file)
{
	char command[400];

	snprintf(command, sizeof command, "losetup -r %s %s '%s'", options, node, file);
	if (shell(command) != 0)
		skip();
}

static void a_device_is_found_again(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char node[64], next[64];
	athar_gate *gate;

	(void)state;
	put_image("disk", 1);
	put_image("other", 2);
	attach(node, "-r", "disk");
	gate = open_gate(node);
	assert_int_equal(athar_gate_identity(gate), ATHAR_IDENTITY_BACKING);
	assert_ok(athar_gate_check(gate, &err), err);
	reopens(gate, node, 1);
	detach(node);
	reopen_is(gate, ATHAR_EIO, "not there");
	assert_status(athar_gate_check(gate, &err), ATHAR_EIO, err);
	attach_at(node, "", "other");
	reopen_is(gate, ATHAR_EREFUSED, "another device");
	assert_status(athar_gate_check(gate, &err), ATHAR_EREFUSED, err);
	attach(next, "-r", "disk");
	assert_string_not_equal(node, next);
	reopens(gate, next, 1); /* under another name */
	assert_ok(athar_gate_check(gate, &err), err);
	detach(node);
	detach(next);
	athar_gate_close(gate);
}

static void twins_are_not_chosen_from(void **state)
{
	char node[64], one[64], two[64];
	athar_gate *gate;

	(void)state;
	put_image("disk", 1);
	attach(node, "-r", "disk");
	gate = open_gate(node);
	attach(one, "-r", "disk");
	reopens(gate, node, 1); /* the one in the old place */
	attach(two, "-r", "disk");
	detach(node);
	reopen_is(gate, ATHAR_EREFUSED, "2 devices");
	detach(two);
	reopens(gate, one, 1);
	detach(one);
	athar_gate_close(gate);
}

static void another_size_is_another_device(void **state)
{
	char node[64];
	athar_gate *gate;

	(void)state;
	put_image("disk", 1);
	attach(node, "-r", "disk");
	gate = open_gate(node);
	detach(node);
	attach_at(node, "--sizelimit 524288", "disk");
	reopen_is(gate, ATHAR_EREFUSED, "bytes");
	detach(node);
	attach_at(node, "-b 4096", "disk");
	reopen_is(gate, ATHAR_EREFUSED, "sector size");
	detach(node);
	athar_gate_close(gate);
}

static void mounted_meanwhile_is_refused(void **state)
{
	char node[64], command[300];
	athar_gate *gate;
	bool mounted;

	(void)state;
	if (shell("truncate -s 4M fs && mkfs.ext4 -q -F fs && mkdir -p mnt") != 0)
		skip();
	attach(node, "", "fs");
	gate = open_gate(node);
	snprintf(command, sizeof command, "mount %s mnt", node);
	mounted = shell(command) == 0;
	if (mounted)
		reopen_is(gate, ATHAR_EREFUSED, "mounted read-write");
	assert_int_equal(mounted ? shell("umount mnt") : 0, 0);
	detach(node);
	athar_gate_close(gate);
	if (!mounted)
		skip();
}

static void a_file_comes_back_as_itself(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *health = NULL;
	athar_gate *gate;

	(void)state;
	put_image("disk", 1);
	gate = open_gate(below("disk"));
	assert_int_equal(athar_gate_identity(gate), ATHAR_IDENTITY_INODE);
	reopens(gate, below("disk"), 1);
	assert_ok(athar_gate_health(&health, gate, &err), err);
	assert_flag(health, "available", false);
	athar_json_free(health);
	assert_int_equal(shell("mv disk away"), 0);
	reopen_is(gate, ATHAR_EIO, "not there");
	assert_int_equal(shell("cp -p away disk"), 0);
	reopen_is(gate, ATHAR_EREFUSED, "another file");
	assert_int_equal(shell("mv away disk"), 0);
	reopens(gate, below("disk"), 1);
	assert_int_equal(shell("truncate -s 1000 disk"), 0);
	reopen_is(gate, ATHAR_EREFUSED, "bytes");
	athar_gate_close(gate);
}

static void sets_do_not_come_back(void **state)
{
	(void)state;
	put_image("set.001", 1);
	put_image("set.002", 1);
	athar_gate *gate = open_gate(below("set.001"));
	reopen_is(gate, ATHAR_EUSAGE, "cannot be opened");
	athar_gate_close(gate);
}

/* Given up root, confined, and the device gone and back meanwhile. */
static void confined_process_reopens(const char *node, int ready, int go)
{
	const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, NULL, NULL, false, false};
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;
	athar_json *health = NULL;
	athar_gate *gate = NULL;
	const char *had = NULL;
	char byte = 'x';

	CHECK(athar_source_open(&source, node, &err) == ATHAR_OK);
	CHECK(athar_gate_open(&gate, source, true, &err) == ATHAR_OK);
	athar_source_close(source);
	CHECK(write(ready, &byte, 1) == 1);
	CHECK(athar_drop_privileges(top, &err) == ATHAR_OK);
	CHECK(geteuid() == 65534);
	CHECK(athar_confine(&had, &spec, &err) == ATHAR_OK);
	CHECK(read(go, &byte, 1) == 1);
	CHECK(athar_gate_reopen(&source, gate, &err) == ATHAR_OK);
	CHECK(holds(source, 1));
	CHECK(athar_source_describe(source)->read_only);
	CHECK(athar_gate_check(gate, &err) == ATHAR_OK);
	CHECK(athar_gate_health(&health, gate, &err) == ATHAR_OK);
	CHECK(athar_json_get(health, "available") != NULL);
	CHECK(athar_json_get_text(health, "why") != NULL);
	athar_json_free(health);
	athar_source_close(source);
	_exit(0);
}

static void it_works_from_behind_confinement(void **state)
{
	char node[64], next[64];
	int ready[2], go[2], status = 0;
	athar_json *first;
	pid_t pid;
	char byte;

	(void)state;
	if (athar_landlock_version() == 0)
		skip();
	put_image("disk", 1);
	put_image("other", 2);
	attach(node, "-r", "disk");
	assert_int_equal(chown(top, 65534, 65534), 0);
	assert_int_equal(pipe(ready) + pipe(go), 0);
	first = athar_json_object(); /* the first one reads /dev/urandom */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		confined_process_reopens(node, ready[1], go[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	detach(node);
	attach_at(node, "", "other");
	attach(next, "-r", "disk");
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	detach(node);
	detach(next);
	athar_json_free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_device_is_found_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(twins_are_not_chosen_from, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_size_is_another_device, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mounted_meanwhile_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_comes_back_as_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sets_do_not_come_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_works_from_behind_confinement, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
