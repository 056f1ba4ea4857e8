# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Two pieces in order with something else between them, then several.
needs jq sha256sum
needs_confinement
# shellcheck source=tests/cli/pieces.sh
. "$ATHAR_SOURCE/tests/cli/pieces.sh"
pieces gap 512 1 2 3 -- rgb.png deflated.zip tone.ogg plain.pdf photo-first.jpg
pieces gaps 512 1 2 -- rgb.png tone.ogg photo-first.jpg
