#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# guymager.sh SOURCE FOLDER: acquires the file SOURCE with guymager into FOLDER/gm.E01, E01 fast with MD5,
# SHA-1 and SHA-256 and without read-back, and prints wall seconds, CPU seconds and peak KiB of the acquisition
# alone. guymager has no command line for it: it runs on a screen of Xvfb, where xdotool does what a hand would
# do; all fields have their values from a configuration made here. It sees no device of this machine, so
# that no wrong click can reach one. Exit 1 where it cannot be driven.
set -euo pipefail
source=$1 folder=$2
for program in guymager Xvfb xdotool unshare; do
  command -v "$program" >/dev/null || { echo "no $program" >&2; exit 1; }
done
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
  echo "guymager asks for root" >&2
  exit 1
fi
[ -r /etc/guymager/guymager.cfg ] || { echo 'no guymager.cfg' >&2; exit 1; }

mkdir -p "$folder/home"
sed -e "s/^Language.*/Language='en'/" \
  -e "s|'DestImageDirectory' *Show.*|'DestImageDirectory' ShowDefault Hide '$folder'|" \
  -e "s|'DestInfoDirectory' *Hide.*|'DestInfoDirectory' Hide ShowDefault '$folder'|" \
  -e "s|'DestImageFilename' *Show.*|'DestImageFilename' ShowDefault Hide 'gm'|" \
  -e "s|'DestInfoFilename' *Show.*|'DestInfoFilename' ShowDefault ShowDefault 'gm'|" \
  -e "s|'\(HashCalc[A-Z0-9]*\)' .*|'\1' ShowDefault ShowDefault '1'|" \
  -e "s|'\(HashVerify...\)' .*|'\1' ShowDefault ShowDefault '0'|" \
  -e "s|'DestInfoDirectory' '%DestImageDirectory%'|'DestInfoDirectory' '$folder'|" \
  /etc/guymager/guymager.cfg >"$folder/g.cfg"
export HOME=$folder/home XDG_RUNTIME_DIR=$folder/home QT_X11_NO_MITSHM=1

pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
}
trap finish EXIT
exec 3>"$folder/display"
Xvfb -displayfd 3 -screen 0 1200x800x24 >/dev/null 2>&1 &
pids+=($!)
# await N COMMAND...: tenths of a second.
await() {
  local n=$1
  shift
  while ! "$@" >/dev/null 2>&1; do
    n=$((n - 1))
    [ $n -gt 0 ] || { echo "guymager: in vain waited for: $*" >&2; exit 1; }
    sleep 0.1
  done
}
await 100 test -s "$folder/display"
DISPLAY=:$(cat "$folder/display")
export DISPLAY
# shellcheck disable=SC2016
unshare -m sh -c 'mount -t tmpfs none /sys/block; mount -t tmpfs none /sys/class/block
  exec guymager "log=$1/g.log" "cfg=$1/g.cfg"' sh "$folder" >/dev/null 2>&1 &
guymager=$!
pids+=("$guymager")

visible() { xdotool search --onlyvisible --name "$1"; }
await 300 visible 'GUYMAGER 0'
sleep 3
# Devices, Add special device; then its row's menu, Acquire image; Enter is Start.
xdotool mousemove 165 261 click 1
sleep 1
xdotool key Down Down Return
sleep 3
xdotool type "$source"
xdotool key Return
sleep 4
xdotool mousemove 300 380 click 1
sleep 1
xdotool mousemove 300 380 click 3
sleep 1
xdotool key Down Return
sleep 3
ticks() { awk '{ print $14 + $15 }' "/proc/$guymager/stat"; }
cpu=$(ticks) begin=$(date +%s%N)
xdotool key Return
await 100 test -e "$folder/gm.E01"
await 36000 grep -q '^Ended' "$folder/gm.info"
end=$(date +%s%N) cpu=$(($(ticks) - cpu))
kib=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$guymager/status")
awk -v w=$((end - begin)) -v c=$cpu -v hz="$(getconf CLK_TCK)" -v k="$kib" \
  'BEGIN { printf "%.2f %.2f %d\n", w / 1e9, c / hz, k }'
