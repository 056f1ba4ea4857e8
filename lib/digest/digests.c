/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, lengths and values of hashes; nothing here computes one. */
#include <string.h>

#include "base/idiom.h"
#include "digest/algorithms.h"
#include "digest/digest.h"

const athar_algorithm athar_algorithms[ATHAR_DIGEST_COUNT] = {
	{"md5", "MD5", 16},         {"sha1", "SHA1", 20},           {"sha256", "SHA2-256", 32},
	{"sha512", "SHA2-512", 64}, {"blake2b", "BLAKE2B-512", 64},
};

int athar_algorithm_index(unsigned algorithm)
{
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if (algorithm == 1u << i)
			return i;
	return -1;
}

const char *athar_digest_name(unsigned algorithm)
{
	const int index = athar_algorithm_index(algorithm);

	return index < 0 ? NULL : athar_algorithms[index].name;
}

size_t athar_digest_hex_length(unsigned algorithm)
{
	const int index = athar_algorithm_index(algorithm);

	return index < 0 ? 0 : 2 * athar_algorithms[index].size;
}

const char *athar_digests_get(const athar_digests *digests, unsigned algorithm)
{
	const int index = athar_algorithm_index(algorithm);

	return index < 0 || (digests->algorithms & algorithm) == 0 ? "" : digests->hex[index];
}

/* Lower case into out; false where there are not exactly len digits. */
static bool fold_hex(char *out, const char *hex, size_t len)
{
	if (hex == NULL || strlen(hex) != len || strspn(hex, "0123456789abcdefABCDEF") != len)
		return false;
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)(hex[i] >= 'A' && hex[i] <= 'F' ? hex[i] - 'A' + 'a' : hex[i]);
	return true;
}

bool athar_digests_set(athar_digests *digests, unsigned algorithm, const char *hex)
{
	const int index = athar_algorithm_index(algorithm);

	if (index < 0 || !fold_hex(digests->hex[index], hex, athar_digest_hex_length(algorithm)))
		return false;
	digests->algorithms |= algorithm;
	return true;
}

athar_json *athar_digests_to_json(const athar_digests *digests)
{
	athar_json *object = athar_json_object();

	for (unsigned i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if ((digests->algorithms & 1u << i) != 0)
			athar_json_set_text(object, athar_algorithms[i].name, digests->hex[i]);
	return object;
}

void athar_digests_from_json(athar_digests *out, const athar_json *object)
{
	*out = (athar_digests){0};
	for (unsigned i = 0; i < ATHAR_DIGEST_COUNT; i++)
		(void)athar_digests_set(out, 1u << i,
		                        athar_json_get_text(object, athar_algorithms[i].name));
}

static unsigned find_name(const char *name, size_t len)
{
	for (unsigned i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if (strlen(athar_algorithms[i].name) == len &&
		    strncmp(athar_algorithms[i].name, name, len) == 0)
			return 1u << i;
	return 0;
}

athar_status athar_digest_parse(unsigned *out, const char *list, athar_error *err)
{
	unsigned mask = 0;

	for (const char *p = list;; p++) {
		const size_t len = strcspn(p, ",");
		const unsigned found = find_name(p, len);

		if (found == 0)
			return athar_fail(
				err, ATHAR_EUSAGE,
				"\"%.*s\" is no hash; write some of md5,sha1,sha256,sha512,blake2b",
				(int)(len < 80 ? len : 80), p);
		mask |= found;
		p += len;
		if (*p == '\0')
			break;
	}
	*out = mask;
	return ATHAR_OK;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool athar_digest_unhex(uint8_t raw[32], const char *hex)
{
	for (size_t i = 0; i < 32; i++) {
		const int high = digit_of(hex[2 * i]);
		const int low = high < 0 ? -1 : digit_of(hex[2 * i + 1]);

		if (low < 0)
			return false;
		raw[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void athar_digest_hex(char hex[65], const uint8_t raw[32])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[64] = '\0';
}
