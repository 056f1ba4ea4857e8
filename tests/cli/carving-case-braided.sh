# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Two files of one kind whose pieces lie by turns.
needs jq sha256sum
needs_confinement
# shellcheck source=tests/cli/pieces.sh
. "$ATHAR_SOURCE/tests/cli/pieces.sh"
pieces braid 512 1 2 3 -- rgb.png palette.png tone.ogg tone.opus photo-first.jpg photo-second.jpg
