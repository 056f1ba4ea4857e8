# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Pieces that do not lie in the order of the file.
needs jq sha256sum
needs_confinement
# shellcheck source=tests/cli/pieces.sh
. "$ATHAR_SOURCE/tests/cli/pieces.sh"
pieces disorder 512 1 2 3 -- rgb.png tone.ogg photo-first.jpg
