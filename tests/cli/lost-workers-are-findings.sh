# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A worker is killed while it searches: its window is named, what the others found is there.
needs jq openssl ps
needs_confinement
{ gif; head -c 469 /dev/zero; bytes 48000000; gif; } >half
cat half half half half half half half half >disk.img
athar carve disk.img --case case --exhibit 1 --every-byte -j 2 >out 2>err &
pid=$!
for _ in $(seq 200); do
  child=$(ps -o pid= --ppid $pid | tail -n 1 | tr -d ' ')
  # One that has worked for a while is past its start.
  if [ -n "$child" ] && [ "$(awk '{ print $14 }' "/proc/$child/stat" 2>/dev/null || echo 0)" -gt 3 ]; then
    kill -9 "$child"
    break
  fi
  sleep 0.02
done
wait $pid
echo "exit $?"
jq -r .text case/1/carve-001/findings.jsonl | grep -o 'killed from outside (SIGKILL)'
jq -r '[.result, .workers_lost, .findings] | @csv' case/1/carve-001/run.json
jq -r '[.type, .grade, .state] | @csv' case/1/carve-001/items.jsonl
