/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/blocklist.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LINE 128

athar_status athar_block_list_open(athar_block_list *out, const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return athar_fail(err, ATHAR_EFORMAT, "%s is no file", path);
	out->file = fdopen(fd, "r");
	if (out->file == NULL)
		return athar_fail_errno(err, "cannot open %s", path);
	fd = -1;
	return ATHAR_OK;
}

athar_status athar_block_list_open_known(athar_block_list *out, const char *path, athar_error *err)
{
	static const char head[] = "# athar block hashes 1: ";
	ATHAR_AUTO(block_list) athar_block_list list = {.file = NULL};
	char line[LINE];

	ATHAR_TRY(athar_block_list_open(&list, path, err));
	if (fgets(line, sizeof line, list.file) == NULL || strncmp(line, head, strlen(head)) != 0)
		return athar_fail(err, ATHAR_EFORMAT, "%s is no list of block hashes", path);
	*out = list;
	list.file = NULL;
	return ATHAR_OK;
}

/* The next line that is a hash; false: there is none. */
static bool next_line(athar_block_list *list, char line[LINE])
{
	do {
		if (fgets(line, LINE, list->file) == NULL)
			return false;
	} while (line[0] == '#');
	return true;
}

bool athar_block_list_next(char hex[65], athar_block_list *list, uint64_t offset)
{
	char line[LINE];

	if (!next_line(list, line)) {
		list->ended = true;
		return false;
	}
	if (strspn(line, "0123456789abcdef") != 64 || strtoull(line + 64, NULL, 10) != offset)
		return false;
	memcpy(hex, line, 64);
	hex[64] = '\0';
	return true;
}

bool athar_block_list_more(athar_block_list *list)
{
	char line[LINE];

	return next_line(list, line);
}

void athar_block_list_close(athar_block_list *list)
{
	if (list->file != NULL)
		(void)fclose(list->file);
	list->file = NULL;
}
