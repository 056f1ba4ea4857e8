/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of our own making: exclusive, private, durable. Nothing here touches evidence.
 */
#ifndef ATHAR_BASE_FILES_H
#define ATHAR_BASE_FILES_H

#include <stdio.h>

#include "athar/error.h"

/* New file, O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600. ATHAR_EREFUSED where something has that name. */
athar_status athar_file_create(int *fd, const char *path, athar_error *err);
/* All of it, whatever the system call takes at a time. ATHAR_EIO names path. */
athar_status athar_file_write(int fd, const void *bytes, size_t len, const char *path,
                              athar_error *err);
/* fsync and close; *fd becomes -1. */
athar_status athar_file_finish(int *fd, const char *path, athar_error *err);
/* A whole small file: created as PATH.partial, written, fsynced, renamed without replacing. */
athar_status athar_file_save(const char *path, const void *bytes, size_t len, athar_error *err);
/* The same, but takes the place of what is there: for case.json only, atomically. */
athar_status athar_file_replace(const char *path, const void *bytes, size_t len, athar_error *err);
/* Reads a whole file of at most `limit` bytes; NUL after the end. ATHAR_ELIMIT when it is longer.
 */
athar_status athar_file_load(uint8_t **out, size_t *len, const char *path, size_t limit,
                             athar_error *err);
/* New folder, 0700, which lasts when this returns. ATHAR_EREFUSED where something has that name. */
athar_status athar_folder_create(const char *path, athar_error *err);
/* fsync of a folder, so that names in it last. */
athar_status athar_folder_sync(const char *path, athar_error *err);
/* Renames without replacing (renameat2 RENAME_NOREPLACE, link and unlink where the file system
 * lacks it) and syncs the folder above. ATHAR_EREFUSED where `to` exists. */
athar_status athar_rename_new(const char *from, const char *to, athar_error *err);
/* Removes a file or a whole folder of our own making; does not follow links. */
athar_status athar_remove_tree(const char *path, athar_error *err);
/* "a" and "b" to "a/b", malloc'd. */
char *athar_join(const char *folder, const char *name, athar_error *err);

#endif
