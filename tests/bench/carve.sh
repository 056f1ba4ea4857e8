#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# carve.sh ATHAR [MIB...]: carve by content beside PhotoRec, Foremost, Scalpel and recoverjpeg on the same image,
# in one run, as ratios: the whole space, all types, what is found hashed and recorded. Images of 2048 and 8192 MiB
# unless sizes are given: a quarter zeros, a quarter programs and text that begin at no sector, a quarter random
# bytes, a quarter whole files of this machine (pictures, archives, documents, databases), each at a sector. Beside
# the time stands what came of it: recall is how many of these files are there bit for bit, precision how many of
# the outputs are such files.
#
# The image is in the page cache. Wall seconds are the best of the rounds, CPU seconds those of the same run;
# memory is the sum of the peaks of athar and its workers.
#
#   ATHAR_BENCH_ROUNDS  2
#   ATHAR_BENCH_DIR     where all of it goes; a tmpfs takes the disk out of the measurement
set -euo pipefail
athar=$1
shift
[ $# -ne 0 ] || set -- 2048 8192
rounds=${ATHAR_BENCH_ROUNDS:-2}
work=$(mktemp -d "${ATHAR_BENCH_DIR:-${TMPDIR:-/tmp}}/athar-carve-XXXXXX")
trap 'rm -rf "$work"' EXIT

# pool: whole files of this machine, of types that a carver knows, none twice; hashes in $work/truth.
pool() {
  mkdir "$work/pool"
  find /usr /opt -xdev -type f -size +8k -size -8M \( -name '*.png' -o -name '*.jp*g' -o -name '*.gif' \
    -o -name '*.gz' -o -name '*.zip' -o -name '*.jar' -o -name '*.pdf' -o -name '*.ogg' -o -name '*.wav' \
    -o -name '*.mp3' -o -name '*.webp' -o -name '*.whl' -o -name '*.xz' \) -print0 2>/dev/null | sort -z |
    xargs -0 sha256sum | sort -u -k1,1 | cut -c67- | head -n 4000 >"$work/list" || true
  for n in 1 2 3 4 5 6 7 8; do
    sqlite3 "$work/pool/$n.sqlite" "create table t(a integer primary key, b text, c blob);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < $n * 400)
      insert into t select i, 'row ' || i || ' of $n', randomblob(200 + i % 300) from n;"
    realpath "$work/pool/$n.sqlite" >>"$work/list"
  done
  [ "$(wc -l <"$work/list")" -ge 100 ] || { echo "this machine has too few files to carve" >&2; exit 1; }
}

# make_image MIB: stripes of 16 MiB; the files are laid out at sectors, one behind the other, until their share is
# full.
make_image() {
  local mib=$1
  perl -e '
    my ($out, $mib, $list, $truth) = @ARGV;
    srand 7;
    open my $image, ">:raw", $out or die "$out: $!";
    open my $files, "<", $list or die; my @files = <$files>; chomp @files;
    open my $known, ">", $truth or die;
    open my $random, "<:raw", "/dev/urandom" or die;
    my @text = grep { -f } glob "/usr/lib/*/*.so* /usr/share/doc/*/copyright /usr/lib/python3*/*.py";
    my ($next, $plain) = (0, "");
    sub slurp { open my $f, "<:raw", $_[0] or return ""; local $/; my $b = <$f>; $b }
    for my $stripe (0 .. $mib / 16 - 1) {
      my $kind = $stripe % 4;
      my $bytes = "";
      if ($kind == 0) { $bytes = "\0" x (16 << 20) }
      elsif ($kind == 2) { read $random, $bytes, 16 << 20 }
      elsif ($kind == 1) {
        while (length $plain < 16 << 20) { $plain .= "x" . slurp($text[int rand @text]) }
        $bytes = substr $plain, 0, 16 << 20, "";
      } else {
        my $tries = 0;
        while (length $bytes < (15 << 20) && $next < @files) {
          my $b = slurp($files[$next]);
          last if length($bytes) + length($b) + 512 > 16 << 20;
          print $known "$files[$next]\n"; $next++;
          $bytes .= $b . "\0" x (-length($b) % 512);
        }
        read $random, my $rest, (16 << 20) - length $bytes;
        substr($rest, 0, 512) = "\0" x 512;
        $bytes .= $rest;
      }
      print $image $bytes;
    }
    close $image or die "$out: $!";' "$work/image" "$mib" "$work/list" "$work/planted"
  tr '\n' '\0' <"$work/planted" | xargs -0 sha256sum | cut -c1-64 | sort -u >"$work/truth"
}

# Of Scalpel's own rules those for these types, with lengths that fit; as it comes, it looks for nothing.
cat >"$work/scalpel.conf" <<'CONF'
gif y 5000000 \x47\x49\x46\x38\x39\x61 \x00\x3b
jpg y 10000000 \xff\xd8\xff\xe0\x00\x10 \xff\xd9
png y 10000000 \x89\x50\x4e\x47 \x49\x45\x4e\x44\xae\x42\x60\x82
pdf y 10000000 %PDF %EOF\x0a REVERSE
zip y 10000000 PK\x03\x04 \x3c\xac
CONF

declare -A wall cpu own said
# measure NAME COMMAND...
measure() {
  local name=$1 seconds user system status=0
  shift
  /usr/bin/time -f '%e %U %S' -o "$work/time" "$@" >"$work/out" 2>&1 </dev/null || status=$?
  [ "$name" != athar ] || [ "$status" -eq 0 ] || { cat "$work/out" >&2; exit 1; }
  read -r seconds user system < <(tail -n 1 "$work/time")
  if [ -z "${wall[$name]:-}" ] || awk "BEGIN{exit !($seconds < ${wall[$name]})}"; then
    wall[$name]=$seconds cpu[$name]=$(awk "BEGIN{print $user + $system}") own[$name]=$user
  fi
}

# judge NAME FOLDER: recall and precision of the files there.
judge() {
  find "$2" -type f ! -name report.xml ! -name audit.txt -print0 2>/dev/null | xargs -0 -r sha256sum |
    cut -c1-64 | sort >"$work/hashes"
  said[$1]=$(awk -v got="$(join -o 1.1 "$work/truth" <(sort -u "$work/hashes") | wc -l)" \
    -v truth="$(wc -l <"$work/truth")" -v right="$(join -o 1.1 "$work/hashes" "$work/truth" | wc -l)" \
    -v all="$(wc -l <"$work/hashes")" 'BEGIN { printf "%6.1f %% %6.1f %% %7d", 100 * got / truth,
      all ? 100 * right / all : 0, all }')
}

peaks() {
  local most=0 sum
  while kill -0 "$1" 2>/dev/null; do
    sum=$({ echo "$1"; pgrep -P "$1"; } | sed 's|.*|/proc/&/status|' | xargs cat 2>/dev/null |
      awk '/^VmHWM/ { sum += $2 } END { print sum + 0 }') || true
    [ "$sum" -le "$most" ] || most=$sum
    echo "$most" >"$work/peak"
    sleep 0.2
  done
}

measure_memory() {
  "$athar" carve "$work/image" --case "$work/case" --exhibit memory --method content --quiet &
  local pid=$!
  peaks "$pid" &
  wait "$pid"
  wait
}

row() {
  [ -n "${wall[$1]:-}" ] || return 0
  printf '%-14s %8s %8s %9s   %s\n' "$1" "${wall[$1]}" "${cpu[$1]}" \
    "$(awk "BEGIN{printf \"%.2f\", ${wall[$1]} / ${wall[athar]}}")" "${said[$1]:-}"
}

compare() {
  local mib=$1 round
  wall=() cpu=() own=() said=()
  make_image "$mib"
  rm -rf "$work/case"
  "$athar" case new "$work/case" --number bench --quiet
  cat "$work/image" >/dev/null
  for ((round = 0; round < rounds; round++)); do
    measure read dd if="$work/image" of=/dev/null bs=1M
    measure athar "$athar" carve "$work/image" --case "$work/case" --exhibit "$round" --method content --quiet
    [ "$round" -ne 0 ] || judge athar "$work/case/0/carve-001/recovered"
    # a type that is nowhere there: the scan alone
    measure scan "$athar" carve "$work/image" --case "$work/case" --exhibit "scan-$round" --method content \
      --type evtx --list-only --quiet
    measure list "$athar" carve "$work/image" --case "$work/case" --exhibit "list-$round" --method content \
      --list-only --quiet
    rm -rf "$work/photorec".* "$work/foremost" "$work/recoverjpeg"
    measure photorec photorec /d "$work/photorec" /cmd "$work/image" \
      partition_none,fileopt,everything,enable,wholespace,search
    [ "$round" -ne 0 ] || { mkdir "$work/pr"; mv "$work/photorec".* "$work/pr"; judge photorec "$work/pr"; rm -rf "$work/pr"; }
    measure foremost foremost -Q -i "$work/image" -o "$work/foremost"
    [ "$round" -ne 0 ] || judge foremost "$work/foremost"
    rm -rf "$work/scalpel"
    measure scalpel scalpel -c "$work/scalpel.conf" -o "$work/scalpel" "$work/image"
    [ "$round" -ne 0 ] || judge scalpel "$work/scalpel"
    rm -rf "$work/scalpel"
    mkdir "$work/recoverjpeg"
    measure recoverjpeg recoverjpeg -q -b 512 -o "$work/recoverjpeg" "$work/image"
    [ "$round" -ne 0 ] || judge recoverjpeg "$work/recoverjpeg"
  done
  measure_memory
  printf '\n%d MiB, %d files planted; seconds, times athar'"'"'s wall time, recall, precision, outputs\n' "$mib" \
    "$(wc -l <"$work/truth")"
  printf '%-14s %8s %8s %9s   %8s %8s %7s\n' '' 'wall s' 'CPU s' 'ratio' 'recall' 'precis.' 'files'
  for name in read scan list athar photorec foremost scalpel recoverjpeg; do row "$name"; done
  printf 'photorec (user time only) / athar: %.2f\n' "$(awk "BEGIN{print ${own[photorec]} / ${wall[athar]}}")"
  printf 'scan / read: %.2f (bound 1.5); peak of athar and its workers %d MiB (bound 512)\n' \
    "$(awk "BEGIN{print ${wall[scan]} / ${wall[read]}}")" $(($(cat "$work/peak") / 1024))
}

echo "carving, best of $rounds rounds, $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
pool
for mib; do compare "$mib"; done
