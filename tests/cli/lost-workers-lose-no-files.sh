# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A worker is killed while it takes out small files, several at a time: all of them come all the same, and each is
# what it was.
needs jq openssl ps mformat mcopy mdeltree
needs_confinement
mkdir -p gone/{0..9}
for n in $(seq 3000); do echo "file $n" >"gone/${n: -1}/$n.txt"; done
sha256sum gone/*/*.txt | cut -c1-64 | sort >truth
mformat -C -F -T 524288 -i disk.img ::
mcopy -i disk.img -s gone ::
mdeltree -i disk.img ::gone
athar carve disk.img --case case --exhibit 1 --method metadata -j 1 >out 2>err &
pid=$!
for _ in $(seq 2000); do
  child=$(ps -o pid= --ppid $pid | tail -n 1 | tr -d ' ')
  if [ -n "$child" ] && [ -e case/1/carve-001.partial/recovered/000/000050.txt ]; then
    kill -9 "$child"
    break
  fi
  sleep 0.005
done
wait $pid
echo "exit $?"
jq -r '[.result, .workers_lost, .findings] | @csv' case/1/carve-001/run.json
sha256sum case/1/carve-001/recovered/*/*.txt | cut -c1-64 | sort | cmp - truth && echo 'all are there'
