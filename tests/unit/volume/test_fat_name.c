/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of deleted entries, made here by the specification and then deleted. */
#include "athar_test.h"

#include "base/idiom.h"
#include "volume/fat_name.h"

#define SLOTS 24

/* The checksum as the specification writes it. */
static uint8_t specified_sum(const uint8_t *name)
{
	uint8_t sum = 0;

	for (int i = 11; i != 0; i--)
		sum = (uint8_t)(((sum & 1) ? 0x80 : 0) + (sum >> 1) + *name++);
	return sum;
}

/* Long entries of the units and the short one, at the end of SLOTS slots; gives the short one. */
static uint8_t *make_name(uint8_t slots[SLOTS * 32], const char *name, const uint16_t *units,
                          size_t count)
{
	static const uint8_t at[] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	const size_t pieces = (count + 12) / 13;
	uint8_t *entry = slots + (SLOTS - 1) * 32;

	memset(slots, 0, SLOTS * 32);
	memcpy(entry, name, 11);
	entry[11] = 0x20;
	for (size_t p = 0; p < pieces; p++) {
		uint8_t *piece = entry - (p + 1) * 32;

		piece[0] = (uint8_t)((p + 1) | (p + 1 == pieces ? 0x40 : 0));
		piece[11] = 0x0F;
		piece[13] = specified_sum(entry);
		for (size_t i = 0; i < 13; i++) {
			const size_t n = p * 13 + i;
			const unsigned unit = n < count ? units[n] : n == count ? 0 : 0xFFFF;

			piece[at[i]] = (uint8_t)unit;
			piece[at[i] + 1] = (uint8_t)(unit >> 8);
		}
	}
	return entry;
}

static uint8_t *make_ascii(uint8_t slots[SLOTS * 32], const char *name, const char *text)
{
	uint16_t units[260];

	for (size_t i = 0; i < strlen(text); i++)
		units[i] = (uint8_t)text[i];
	return make_name(slots, name, units, strlen(text));
}

static void erase(uint8_t *entry, size_t pieces)
{
	for (size_t i = 0; i <= pieces; i++)
		*(entry - i * 32) = 0xE5;
}

static void check(const uint8_t *entry, size_t before, const char *expected)
{
	athar_fat_name name;

	athar_fat_name_read(&name, entry, before);
	assert_int_equal(name.len, strlen(expected));
	assert_memory_equal(name.bytes, expected, name.len);
}

static void long_names_outlive_deletion(void **state)
{
	static const char *const names[] = {"a", "Thirteen0.txt", "Fourteen chars", "d-text.docx",
	                                    "A name of forty characters, in 4 pieces."};
	uint8_t slots[SLOTS * 32];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		char first[12] = " 23456~1TXT";
		uint8_t *entry;

		first[0] = (char)(names[i][0] & ~0x20);
		entry = make_ascii(slots, first, names[i]);
		check(entry, SLOTS - 1, names[i]);
		erase(entry, (strlen(names[i]) + 12) / 13);
		check(entry, SLOTS - 1, names[i]);
	}
}

/* Deletion takes the mark of the last piece, so that only the extension tells. */
static void overwritten_pieces_are_told(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{"AVERYL~1PNG", "a very long name.png", "a very long n[...].PNG"},
		{"MINUTE~1TXT", "minutes 2 20.txt", "minutes 2 20.[...].TXT"},
		{"MINUTE~1TXT", "minutes of.a txt file.txt", "minutes of.a [...].TXT"},
		{"NOEXTE~1   ", "no extension at all", "no extension "},
		{"THIRTE~1TXT", "thirteen0.txt", "thirteen0.txt"},
		{"THIRT_~1_AB", "thirt+ 0.+a b", "thirt+ 0.+a b"},
	};
	uint8_t slots[SLOTS * 32];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		uint8_t *entry = make_ascii(slots, cases[i].name, cases[i].text);

		erase(entry, 1);
		memset(entry - 64, 0, 32);
		check(entry, 1, cases[i].expected);
	}
}

static void pieces_of_another_name_are_not_taken(void **state)
{
	uint8_t slots[SLOTS * 32];
	uint8_t *entry = make_ascii(slots, "LETTER~1TXT", "Letter to somebody.txt");

	(void)state;
	erase(entry, 2);
	check(entry, SLOTS - 1, "Letter to somebody.txt");
	entry[3] = 'X'; /* another short name: the letter that the sum gives back is no L */
	check(entry, SLOTS - 1, "_ETXER~1.TXT");
	entry[3] = 'T';
	entry[-32 + 13] ^= 1; /* the nearest piece is of another name */
	check(entry, SLOTS - 1, "_ETTER~1.TXT");
	entry = make_ascii(slots, "LETTER~1TXT", "Letter to somebody.txt");
	entry[-32] = 2; /* not deleted, but out of order */
	check(entry, SLOTS - 1, "LETTER~1.TXT");
	entry = make_ascii(slots, "LETTER~1TXT", "Letter to somebody.txt");
	check(entry, 1, "LETTER~1.TXT"); /* the last piece is not there */
}

static void units_become_utf8(void **state)
{
	static const uint16_t units[] = {'x', 0xE9, 0x8BC1, 0xD83D, 0xDDC2, 0xD83D, '.', 0xDC00};
	uint8_t slots[SLOTS * 32];
	uint8_t *entry = make_name(slots, "X_____~1   ", units, ATHAR_COUNT(units));

	(void)state;
	erase(entry, 1);
	check(entry, SLOTS - 1, "xé证\xF0\x9F\x97\x82\xEF\xBF\xBD.\xEF\xBF\xBD");
}

static void names_that_no_system_writes_are_refused(void **state)
{
	static const char *const names[] = {"a/b", "..", ".", "a:b", "a\\b", "a\tb"};
	uint8_t slots[SLOTS * 32];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		uint8_t *entry = make_ascii(slots, "ABC     TXT", names[i]);

		check(entry, SLOTS - 1, "ABC.TXT");
	}
}

static void short_names(void **state)
{
	uint8_t entry[32] = "README  TXT\x20\x18";

	(void)state;
	check(entry, 0, "readme.txt");
	entry[12] = 0x08;
	check(entry, 0, "readme.TXT");
	entry[12] = 0;
	entry[0] = 5; /* stands for 0xE5, which marks what is deleted */
	check(entry, 0,
	      "\xE5"
	      "EADME.TXT");
	entry[0] = 0xE5;
	check(entry, 0, "_EADME.TXT");
	memcpy(entry, "A          ", 11);
	check(entry, 0, "A");
}

static void names_of_exfat_sets(void **state)
{
	uint8_t set[4 * 32] = {0x05, 3};
	athar_fat_name name;

	(void)state;
	set[32] = 0x40;
	set[32 + 3] = 17;
	set[64] = set[96] = 0x41;
	for (size_t i = 0; i < 17; i++)
		set[64 + 32 * (i / 15) + 2 + 2 * (i % 15)] = (uint8_t)('a' + i);
	assert_true(athar_exfat_name_read(&name, set, 4));
	assert_int_equal(name.len, 17);
	assert_memory_equal(name.bytes, "abcdefghijklmnopq", 17);
	assert_false(athar_exfat_name_read(&name, set, 3)); /* two letters are not there */
	set[96] = 0x42;
	assert_false(athar_exfat_name_read(&name, set, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_outlive_deletion),
		cmocka_unit_test(overwritten_pieces_are_told),
		cmocka_unit_test(pieces_of_another_name_are_not_taken),
		cmocka_unit_test(units_become_utf8),
		cmocka_unit_test(names_that_no_system_writes_are_refused),
		cmocka_unit_test(short_names),
		cmocka_unit_test(names_of_exfat_sets),
	};

	return cmocka_run_group_tests_name("volume FAT names", tests, NULL, NULL);
}
