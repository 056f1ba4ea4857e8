/* SPDX-License-Identifier: BSD-2-Clause */
/* The name that somebody gave a volume. */
#include <string.h>

#include "base/endian.h"
#include "volume/volume_state.h"

#define NTFS_VOLUME 3 /* address of $Volume */

/* Without the spaces and NULs that fill a field of fixed size. */
static void fixed_text(char *out, size_t size, const uint8_t *field, size_t len)
{
	while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == '\0'))
		len--;
	athar_volume_text(out, size, field, len);
}

/* Plain UTF-16 only; a surrogate becomes U+FFFD, enough for a label. */
static void utf16_text(char *out, size_t size, const uint8_t *units, size_t count)
{
	uint8_t text[3 * 128];
	size_t n = 0;

	for (size_t i = 0; i < count && i < 128; i++) {
		unsigned c = athar_le16(units + 2 * i);

		if (c >= 0xD800 && c < 0xE000)
			c = 0xFFFD;
		if (c < 0x80) {
			text[n++] = (uint8_t)c;
		} else if (c < 0x800) {
			text[n++] = (uint8_t)(0xC0 | c >> 6);
			text[n++] = (uint8_t)(0x80 | (c & 0x3F));
		} else {
			text[n++] = (uint8_t)(0xE0 | c >> 12);
			text[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
			text[n++] = (uint8_t)(0x80 | (c & 0x3F));
		}
	}
	athar_volume_text(out, size, text, n);
}

static void ntfs_label(char *out, size_t size, TSK_FS_INFO *fs)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *file = tsk_fs_file_open_meta(fs, NULL, NTFS_VOLUME);
	const TSK_FS_ATTR *name = NULL;

	if (file != NULL)
		name = tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_VNAME, 0, 0);
	if (name != NULL && (name->flags & TSK_FS_ATTR_RES) != 0 && name->size > 0 &&
	    (uint64_t)name->size <= name->rd.buf_size)
		utf16_text(out, size, name->rd.buf, (size_t)name->size / 2);
}

/* The label of FAT is a directory entry of the root; the boot sector's copy is often not kept up.
 */
static void fat_label(char *out, size_t size, TSK_FS_INFO *fs)
{
	static const char mark[] = " (Volume Label Entry)";
	TSK_FS_DIR *root = tsk_fs_dir_open_meta(fs, fs->root_inum);
	const size_t count = root != NULL ? tsk_fs_dir_getsize(root) : 0;

	for (size_t i = 0; i < count && out[0] == '\0'; i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(root, i);
		const char *at = NULL;

		if (name != NULL && name->name != NULL && name->flags == TSK_FS_NAME_FLAG_ALLOC)
			at = strstr(name->name, mark);
		if (at != NULL && name->name[0] != '$')
			fixed_text(out, size, (const uint8_t *)name->name,
			           (size_t)(at - name->name));
	}
	if (root != NULL)
		tsk_fs_dir_close(root);
}

void athar_volume_label(char *out, size_t size, TSK_FS_INFO *fs, athar_tsk_image *image,
                        uint64_t base)
{
	const bool ext = TSK_FS_TYPE_ISEXT(fs->ftype) != 0;
	const bool iso = TSK_FS_TYPE_ISISO9660(fs->ftype) != 0;
	uint8_t field[32];
	const size_t len = ext ? 16 : sizeof field;

	out[0] = '\0';
	if (TSK_FS_TYPE_ISNTFS(fs->ftype))
		ntfs_label(out, size, fs);
	else if (TSK_FS_TYPE_ISFAT(fs->ftype))
		fat_label(out, size, fs);
	else if ((ext || iso) &&
	         athar_tsk_image_get(image, field, len, base + (ext ? 1024 + 120 : 32768 + 40)))
		fixed_text(out, size, field, len);
}
