# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Trees like those of the seeds, of which nothing was ever deleted: nothing comes back as whole.
seeds ext2-twin ext3-twin ext4-twin fat32-twin exfat-twin ntfs-twin f2fs-twin
