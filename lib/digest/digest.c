/* SPDX-License-Identifier: BSD-2-Clause */
#include "digest/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/idiom.h"
#include "digest/algorithms.h"

#define FILE_BLOCK ((size_t)1 << 20)

/* Fetched once for the process and never given back: a fetch costs more than a small hash. */
static EVP_MD *fetched[ATHAR_DIGEST_COUNT];
static CRYPTO_ONCE fetch_once = CRYPTO_ONCE_STATIC_INIT;

static void fetch_all(void)
{
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		fetched[i] = EVP_MD_fetch(NULL, athar_algorithms[i].fetched, NULL);
}

static athar_status find(const EVP_MD **out, int index, athar_error *err)
{
	if (CRYPTO_THREAD_run_once(&fetch_once, fetch_all) != 1)
		return athar_fail(err, ATHAR_ENOMEM, "OpenSSL could not be started");
	if (fetched[index] == NULL)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "OpenSSL on this system has %s switched off (FIPS mode or "
		                  "configuration); choose other hashes",
		                  athar_algorithms[index].name);
	*out = fetched[index];
	return ATHAR_OK;
}

void athar_digest_prepare(void)
{
	(void)CRYPTO_THREAD_run_once(&fetch_once, fetch_all);
}

struct athar_digester {
	unsigned algorithms;
	EVP_MD_CTX *context[ATHAR_DIGEST_COUNT]; /* NULL where not asked for */
};

static athar_status start(athar_digester *d, int index, athar_error *err)
{
	const EVP_MD *md = NULL;

	ATHAR_TRY(find(&md, index, err));
	d->context[index] = EVP_MD_CTX_new();
	if (d->context[index] == NULL || EVP_DigestInit_ex2(d->context[index], md, NULL) != 1)
		return athar_fail(err, ATHAR_ENOMEM, "OpenSSL could not begin %s",
		                  athar_algorithms[index].name);
	return ATHAR_OK;
}

athar_status athar_digester_new(athar_digester **out, unsigned algorithms, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;

	if ((algorithms & ~ATHAR_DIGEST_ALL) != 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a hash that athar does not know was asked for");
	d = athar_alloc(sizeof *d, err);
	if (d == NULL)
		return err->status;
	d->algorithms = algorithms;
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if ((algorithms & 1u << i) != 0)
			ATHAR_TRY(start(d, i, err));
	*out = ATHAR_GIVE(d);
	return ATHAR_OK;
}

athar_status athar_digester_copy(athar_digester **out, const athar_digester *d, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *copy = NULL;

	ATHAR_TRY(athar_digester_new(&copy, d->algorithms, err));
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if (d->context[i] != NULL &&
		    EVP_MD_CTX_copy_ex(copy->context[i], d->context[i]) != 1)
			return athar_fail(err, ATHAR_EIO, "OpenSSL failed at %s",
			                  athar_algorithms[i].name);
	*out = ATHAR_GIVE(copy);
	return ATHAR_OK;
}

void athar_digester_free(athar_digester *d)
{
	if (d == NULL)
		return;
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		EVP_MD_CTX_free(d->context[i]);
	free(d);
}

athar_status athar_digester_update(athar_digester *d, const void *bytes, size_t len,
                                   athar_error *err)
{
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++)
		if (d->context[i] != NULL && EVP_DigestUpdate(d->context[i], bytes, len) != 1)
			return athar_fail(err, ATHAR_EIO, "OpenSSL failed at %s",
			                  athar_algorithms[i].name);
	return ATHAR_OK;
}

static void write_hex(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

athar_status athar_digester_finish(athar_digests *out, athar_digester *d, athar_error *err)
{
	uint8_t value[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	*out = (athar_digests){0};
	for (int i = 0; i < ATHAR_DIGEST_COUNT; i++) {
		if (d->context[i] == NULL)
			continue;
		if (EVP_DigestFinal_ex(d->context[i], value, &size) != 1 ||
		    size != athar_algorithms[i].size)
			return athar_fail(err, ATHAR_EIO, "OpenSSL failed at %s",
			                  athar_algorithms[i].name);
		write_hex(out->hex[i], value, size);
	}
	out->algorithms = d->algorithms;
	return ATHAR_OK;
}

athar_status athar_digest_sha256_raw(uint8_t out[32], const void *bytes, size_t len,
                                     athar_error *err)
{
	const int index = athar_algorithm_index(ATHAR_SHA256);
	const EVP_MD *md = NULL;

	ATHAR_TRY(find(&md, index, err));
	if (EVP_Digest(bytes, len, out, NULL, md, NULL) != 1)
		return athar_fail(err, ATHAR_EIO, "OpenSSL failed at sha256");
	return ATHAR_OK;
}

athar_status athar_digest_sha256(char hex[65], const void *bytes, size_t len, athar_error *err)
{
	uint8_t value[32];

	ATHAR_TRY(athar_digest_sha256_raw(value, bytes, len, err));
	write_hex(hex, value, sizeof value);
	return ATHAR_OK;
}

static athar_status sum_file(athar_digester *d, uint64_t *size, int fd, const char *path,
                             athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *block = athar_alloc_pages(FILE_BLOCK, err);

	if (block == NULL)
		return err->status;
	for (*size = 0;;) {
		const ssize_t got = read(fd, block, FILE_BLOCK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return athar_fail_errno(err, "cannot read %s", path);
		if (got == 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_digester_update(d, block, (size_t)got, err));
		*size += (uint64_t)got;
	}
}

athar_status athar_digest_file(athar_digests *out, uint64_t *size, const char *path,
                               unsigned algorithms, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	ATHAR_AUTO(fd) int fd = -1;
	uint64_t total = 0;

	ATHAR_TRY(athar_digester_new(&d, algorithms, err));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	ATHAR_TRY(sum_file(d, &total, fd, path, err));
	ATHAR_TRY(athar_digester_finish(out, d, err));
	if (size != NULL)
		*size = total;
	return ATHAR_OK;
}

const char *athar_digest_engine(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
