# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A piece of each file is gone: none of them may be called whole, and nothing may be put in its place.
needs jq sha256sum
needs_confinement
# shellcheck source=tests/cli/pieces.sh
. "$ATHAR_SOURCE/tests/cli/pieces.sh"
pieces missing 512 1 2 3 -- rgb.png deflated.zip tone.ogg plain.pdf photo-first.jpg
