# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs mkfs.ext4 debugfs jq
needs_confinement
truncate -s 8M disk.img
mkfs.ext4 -q -F disk.img
E2FSPROGS_FAKE_TIME=1795478400 debugfs -w -R 'set_super_value mtime 20261123101112' disk.img 2>/dev/null
athar info disk.img 2>/dev/null | grep Last
athar info disk.img --json 2>/dev/null | jq -c '.image.volumes[0].last_use // empty'
