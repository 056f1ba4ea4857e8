/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static const char *const samples[] = {"plain.pdf",          "crlf.pdf",    "no-eol.pdf",
                                      "updated.pdf",        "streams.pdf", "linear.pdf",
                                      "updated-linear.pdf", "scan.pdf"};

static void a_pdf_ends_behind_its_last_end_mark(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_pdf, samples[i], ATHAR_GRADE_COMPLETE);
}

/* The end mark may be followed by a line end; without it the file is the same revision. */
static size_t bare_end(const sample *s)
{
	size_t len = s->len;

	while (len > 0 && (s->bytes[len - 1] == '\n' || s->bytes[len - 1] == '\r'))
		len--;
	return len;
}

/* Cut anywhere but behind the end mark of a revision it is partial; there it is an earlier state,
 * and whole. */
static void cuts(const char *name, size_t revision)
{
	const sample s = sample_load(name);

	for (size_t len = 1; len < bare_end(&s); len += len < 64 || len + 64 > s.len ? 1 : 23) {
		const athar_claim c = judge(&athar_format_pdf, s.bytes, len);

		if (c.ours && c.grade >= ATHAR_GRADE_COMPLETE && c.length != revision)
			fail_msg("%s cut at %zu is called complete: %s", name, len, c.why);
	}
	sample_free(s);
}

static void a_cut_pdf_is_partial(void **state)
{
	const sample plain = sample_load("plain.pdf");

	(void)state;
	cuts("plain.pdf", 0);
	cuts("scan.pdf", 0);
	cuts("streams.pdf", 0);
	cuts("linear.pdf", 0);
	cuts("updated.pdf", plain.len);
	sample_free(plain);
}

static void an_update_that_breaks_off_is_partial(void **state)
{
	const sample plain = sample_load("plain.pdf"), updated = sample_load("updated.pdf");

	(void)state;
	const athar_claim c = judge(&athar_format_pdf, updated.bytes, plain.len + 40);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.length >= plain.len);
	sample_free(plain);
	sample_free(updated);
}

/* Most of each sample is a stream of Flate or JPEG. */
static void a_foreign_block_does_not_unpack_or_decode(void **state)
{
	(void)state;
	judge_foreign(&athar_format_pdf, "plain.pdf", 4096, 0, true);
	judge_foreign(&athar_format_pdf, "plain.pdf", 512, 0, true);
	judge_foreign(&athar_format_pdf, "streams.pdf", 4096, 0, true);
	judge_foreign(&athar_format_pdf, "scan.pdf", 4096, 0, true);
	judge_foreign(&athar_format_pdf, "linear.pdf", 4096, 0, true);
	judge_foreign(&athar_format_pdf, "updated.pdf", 4096, 0, true);
}

static void a_table_that_points_elsewhere_is_a_flaw(void **state)
{
	const sample s = sample_load("plain.pdf");
	uint8_t *table = memmem(s.bytes, s.len, "0000000000 65535 f", 18);

	(void)state;
	assert_non_null(table);
	table[20 + 8] ^= 1;
	const athar_claim c = judge(&athar_format_pdf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_non_null(strstr(c.why, "1 of 7"));
	sample_free(s);
}

/* A packed stream that is encrypted does not unpack either: the trailer tells. */
static void an_encrypted_file_is_complete_by_its_structure(void **state)
{
	const sample s = sample_load("plain.pdf");
	uint8_t *packed = memmem(s.bytes, s.len, "/FlateDecode", 12);
	uint8_t *trailer = memmem(s.bytes, s.len, "/Root 1 0 R >>", 14);

	(void)state;
	assert_non_null(packed);
	assert_non_null(trailer);
	packed = memmem(packed, 200, "stream\n", 7);
	assert_non_null(packed);
	athar_test_fill(packed + 7, 3000, 9);
	assert_int_equal(judge(&athar_format_pdf, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	memcpy(trailer, "/Encrypt 1 0 R", 12);
	memcpy(trailer, "/Encrypt () >>", 14);
	const athar_claim c = judge(&athar_format_pdf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, s.len);
	assert_non_null(strstr(c.why, "encrypted"));
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_pdf, "plain.pdf", 5);
	judge_noise(&athar_format_pdf, "plain.pdf", 15);
	judge_noise(&athar_format_pdf, "plain.pdf", 400);
}

static void hard_files_take_linear_time(void **state)
{
	static const char stream[] = "%PDF-1.4\n1 0 obj\n<</Length 2 0 R>>stream\n";

	(void)state;
	judge_time(&athar_format_pdf, "%PDF-1.4\n", 9, "1 0 obj\n1\nendobj\n", 17);
	judge_time(&athar_format_pdf, "%PDF-1.4\n", 9, "%\n", 2);
	judge_time(&athar_format_pdf, "%PDF-1.4\n1 0 obj\n", 17, "(", 1);
	judge_time(&athar_format_pdf, "%PDF-1.4\n1 0 obj\n", 17, "<<", 2);
	judge_time(&athar_format_pdf, stream, sizeof stream - 1, "endstrea", 8);
	judge_time(&athar_format_pdf, "%PDF-1.4\nxref\n0 9999999\n", 24, "0000000009 00000 n \n",
	           20);
	judge_time(&athar_format_pdf, "%PDF-1.4\n1 0 obj\n1\nendobj\n", 26, "startxref\n9\n%%EOF\n",
	           18);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_flips(&athar_format_pdf, samples[i]);
}

/* The claim over a file whose one object is this. */
static athar_claim with_object(const char *object)
{
	char text[800];
	const int xref = snprintf(text, sizeof text, "%%PDF-1.4\n1 0 obj\n%s\nendobj\n", object);

	(void)snprintf(text + xref, sizeof text - (size_t)xref,
	               "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\nstartxref\n%d\n"
	               "%%%%EOF\n",
	               xref);
	return judge(&athar_format_pdf, text, strlen(text));
}

/* Strings as ISO 32000-1, 7.3.4 and 7.9.4 has them. */
static void the_information_is_told(void **state)
{
	static const struct {
		const char *object, *key, *value;
	} cases[] = {
		{"<< /Title (a \\(b\\) (c)) /Producer (x) >>", "title", "a (b) (c)"},
		{"<< /Title (\\344\\\n\\101) /Producer (x) >>", "title", "äA"},
		{"<< /Title <FEFF00C400640061> /Producer (x) >>", "title", "Äda"},
		{"<< /Title <48 6> /Producer (x) >>", "title", "H`"},
		{"<< /Title (a bookmark) /Dest [1 0 R] >>", "title", ""},
		{"<< /Author (Ada) /Producer (x) >>", "author", "Ada"},
		{"<< /CreationDate (D:20240301130000+01'00') >>", "created",
	         "2024-03-01T12:00:00Z"},
		{"<< /CreationDate (D:20240301120000Z) >>", "created", "2024-03-01T12:00:00Z"},
		{"<< /ModDate (D:20240301120000) >>", "modified", "2024-03-01T12:00:00"},
		{"<< /ModDate (D:20241301120000) >>", "modified", ""},
		{"<< /Type /Pages /Count 12 /Kids [] >>", "pages", "12"},
		{"<< /Type /Pages /Parent 9 0 R /Count 12 >>", "pages", ""},
		{"<< /Encrypt 9 0 R /Producer (x) >>", "encrypted", "yes"},
		{"<< /Encrypt 9 0 R /Producer (x) >>", "software", ""},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = with_object(cases[i].object);

		assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
		assert_string_equal(claim_field(&c, cases[i].key), cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_information_is_told),
		cmocka_unit_test(a_pdf_ends_behind_its_last_end_mark),
		cmocka_unit_test(a_cut_pdf_is_partial),
		cmocka_unit_test(an_update_that_breaks_off_is_partial),
		cmocka_unit_test(a_foreign_block_does_not_unpack_or_decode),
		cmocka_unit_test(a_table_that_points_elsewhere_is_a_flaw),
		cmocka_unit_test(an_encrypted_file_is_complete_by_its_structure),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(hard_files_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
