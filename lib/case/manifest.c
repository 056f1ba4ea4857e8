/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "digest/digest.h"

static athar_json *element(const char *shown, const char *hex, uint64_t size)
{
	athar_json *file = athar_json_object();

	athar_json_set_text(file, "name", shown);
	athar_json_set_text(file, "sha256", hex);
	athar_json_set_number(file, "size", size);
	return file;
}

athar_status athar_manifest_add(FILE *manifest, athar_json *files, const athar_manifest_place *in,
                                const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(in->folder, name, err);
	ATHAR_AUTO(free) char *shown = athar_format_text(err, "%s/%s/%s", in->slug, in->run, name);
	athar_digests digests;
	uint64_t size = 0;
	const char *hex;

	if (path == NULL || shown == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_file(&digests, &size, path, ATHAR_SHA256, err));
	hex = athar_digests_get(&digests, ATHAR_SHA256);
	if (manifest != NULL && fprintf(manifest, "%s  %s\n", hex, name) < 0)
		return athar_fail_errno(err, "cannot write the manifest of %s", in->folder);
	athar_json_append(files, element(shown, hex, size));
	return ATHAR_OK;
}

athar_status athar_folder_sync_all(const char *folder, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) != 0)
		return athar_fail_errno(err, "cannot bring %s to the disk", folder);
	return ATHAR_OK;
}
