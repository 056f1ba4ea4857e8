# SPDX-License-Identifier: BSD-2-Clause
# What the tests share; read before each of them.
# shellcheck shell=bash

# say COMMAND...: runs it, shows its stderr in its place and its exit status after it.
say() {
  "$@" 2>&1
  echo "exit $?"
}

# quietly N COMMAND...: it exits with N, and what it says does not matter.
quietly() {
  local expected=$1 status output
  shift
  output=$("$@" 2>&1)
  status=$?
  [ "$status" -eq "$expected" ] && return 0
  printf 'exit %s, not %s: %s\n%s\n' "$status" "$expected" "$*" "$output"
  return 1
}

# one_line N COMMAND...: it exits with N and says exactly one line, all of it on stderr.
one_line() {
  local expected=$1 status lines
  shift
  "$@" >stdout.$$ 2>stderr.$$
  status=$?
  lines=$(wc -l <stderr.$$)
  if [ "$status" -ne "$expected" ] || [ "$lines" -ne 1 ] || [ -s stdout.$$ ]; then
    printf 'exit %s, not %s; %s lines: %s\n' "$status" "$expected" "$lines" "$*"
    cat stdout.$$ stderr.$$
  fi
  rm -f stdout.$$ stderr.$$
}

# needs PROGRAM...: skips the test where one is missing.
needs() {
  local program
  for program; do
    if ! command -v "$program" >/dev/null; then
      echo "skipped: no $program" >&2
      exit 77
    fi
  done
}

# bytes N: N bytes that are the same on every machine and do not compress.
bytes() {
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 0 -nosalt \
    </dev/zero 2>/dev/null | head -c "$1"
}

# gif: the smallest whole GIF.
gif() {
  printf 'GIF89a\001\000\001\000\200\000\000\377\377\377\000\000\000!\371\004\001\000\000\000\000'
  printf ',\000\000\000\000\001\000\001\000\000\002\002D\001\000;'
}

# Skips the test where the kernel cannot confine a process: the commands refuse there.
needs_confinement() {
  head -c 512 /dev/zero >probe.img
  athar info probe.img >/dev/null 2>&1
  local status=$?
  rm -f probe.img
  if [ "$status" -eq 5 ]; then
    echo "skipped: no Landlock or seccomp here" >&2
    exit 77
  fi
}

# rows FILE WORD: the rows of `athar verify` that begin with this answer, without hashes.
rows() {
  grep "^  $2" "$1" | sed 's/  */ /g; s/head [0-9a-f]*/head/; s/[0-9a-f]\{32,\}/HASH/g'
}

# hash_of TOOL <FILE: the first word that it writes.
hash_of() {
  "$1" | cut -d' ' -f1
}

# needs_root: skips the test where it cannot mount.
needs_root() {
  if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
    echo "skipped: only root can mount" >&2
    exit 77
  fi
}

# mixed N: N bytes, half of them text that packs, half that does not.
mixed() {
  { yes 'the quick brown fox' | head -c $(($1 / 2)); bytes $(($1 - $1 / 2)); }
}

# sample FS: one of Debian's forensics-samples, unpacked as FS.img; skips where they are not installed.
sample() {
  local packed=/usr/share/forensics-samples/fs.$1.xz
  if [ ! -r "$packed" ] || ! command -v xz >/dev/null; then
    echo "skipped: no $packed" >&2
    exit 77
  fi
  xz -dc "$packed" >"$1.img"
}

# judge_sample RUN [METHOD]: the files deleted in the sample (those of the folders whose name ends with 2) are
# there bit for bit under their names, and nothing else is called whole but what is inside of them. The PNG of
# the image is not the one beside it; its own checks judge it.
judge_sample() {
  local originals=/usr/share/forensics-samples/original-files
  (cd $originals && sha256sum ./*2/* | sed 's/ .*\// /' | grep -v 'png$' | tr '[:lower:]' '[:upper:]' | sort) >wanted
  jq -r --arg method "${2:-metadata}" 'select(.method == $method) | [.hashes.sha256, (.path | sub(".*/"; ""))] | join(" ")' \
    "$1/items.jsonl" | grep -v -i 'png$' | tr '[:lower:]' '[:upper:]' | sort >given
  # FAT overwrites the first letter of a deleted short name.
  diff <(sed 's/ ./ _/' wanted) <(sed 's/ ./ _/' given) && echo "$(wc -l <wanted) come back"
  jq -r 'select(.method != "embedded" and (.grade == "intact" or .grade == "complete")) | .hashes.sha256 // "listed only"' \
    "$1/items.jsonl" | sort -u >whole
  (cd $originals && sha256sum ./*/*) | cut -c1-64 | sort -u >known
  comm -23 whole known >strange
  while read -r hash; do
    jq -r --arg h "$hash" 'select(.hashes.sha256 == $h) | "\(.type) \(.grade): no original"' \
      "$1/items.jsonl"
  done <strange
  (cd "$1" && sha256sum --quiet -c manifest.sha256)
}

# ewf_sections FILE: "type descriptor end" of each section of a segment file, by its chain.
ewf_sections() {
  perl -e '
    open my $f, "<", $ARGV[0] or die; binmode $f;
    for (my $at = 13;;) {
      seek $f, $at, 0; read($f, my $d, 76) == 76 or last;
      my ($type) = unpack "Z16", $d; my $next = unpack "Q<", substr $d, 16, 8;
      print "$type $at $next\n";
      last if $type eq "next" or $type eq "done" or $next <= $at;
      $at = $next;
    }' "$1"
}

# ewf_content FILE TYPE: offset of the content of its first section of that type.
ewf_content() {
  ewf_sections "$1" | awk -v type="$2" '$1 == type { print $2 + 76; exit }'
}

# flip FILE OFFSET: one bit of one byte.
flip() {
  perl -e '
    open my $f, "+<", $ARGV[0] or die; binmode $f;
    seek $f, $ARGV[1], 0; read $f, my $b, 1; seek $f, $ARGV[1], 0; print $f chr(1 ^ ord $b)' "$1" "$2"
}

# seeds NAME...: carves these volumes of testdata/undelete and says whether the bars hold; where they do
# not, what is missed and what is wrong stands on stderr.
seeds() {
  needs jq xz
  needs_confinement
  local status=0
  "$ATHAR_SOURCE/tests/support/score.sh" "$@" >scores 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    echo "$*: the bars hold"
  else
    cat scores >&2
    echo "$*: below the bars"
  fi
}
