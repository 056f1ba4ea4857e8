# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq openssl mformat mcopy mdel
needs_confinement
export MTOOLS_SKIP_CHECK=1
truncate -s 2M fat.img
mformat -i fat.img -t 64 -h 1 -s 64 ::
gif >c.gif
mcopy -i fat.img c.gif ::
mdel -i fat.img ::c.gif
{ cat fat.img; gif; } >disk.img
truncate -s 400G disk.img
timeout --preserve-status -s INT 2 athar carve disk.img --case case --exhibit 1 --every-byte >out 2>err
echo "exit $?"
run=case/1/carve-001
jq -r '[.result, .findings, .counts.items] | @csv' $run/run.json
jq -r '[.method, .grade, .state, .type, (.file != "" and .file != null)] | @csv' $run/items.jsonl
(cd $run && sha256sum --quiet -c manifest.sha256)
jq -r 'select(.action == "carve.end") | .data.result' case/custody.jsonl
