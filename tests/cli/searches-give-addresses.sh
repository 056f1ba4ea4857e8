# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Words that iconv has written lie at known places, also across the borders of windows; grep judges.
needs jq iconv grep xz openssl
needs_confinement
border=$((16 << 20))
{ bytes 3000000; head -c $((40000000 - 3000000)) /dev/zero; } >disk.img

# plant PLACE ENCODING TEXT
plant() {
  printf '%s' "$3" | iconv -f UTF-8 -t "$2" | dd of=disk.img bs=1 seek="$1" conv=notrunc status=none
  echo "$1" >>places
}
plant $((border - 3)) UTF-8 ' secret '
plant $((2 * border - 5)) UTF-16LE 'Secret'
plant $((border - 100)) CP1256 'حوالة'
plant 5000000 UTF-8 'حَوالـــة'
plant 5000101 UTF-16LE 'حواله'
plant 6000001 UTF-16LE 'SECRET'
plant 7000000 UTF-8 'not a secre t'
plant 39999994 UTF-8 'secret'
search() { athar search disk.img secret حوالة --json "$@" 2>/dev/null; }
search | jq -r 'select(.type == "row") | "\(.offset) \(.length) \(.encoding) \(.pattern) \(.text)"'
search | tail -n 1 | jq -c '[.hits, .searched, .total, .exit]'
# Each number of workers gives the same bytes.
for j in 1 2 3; do search -j $j | sha256sum; done | sort -u | wc -l

# The bytes at the address are the text.
search | jq -r 'select(.type == "row" and .encoding == "utf-16le") | "\(.offset) \(.length)"' |
  while read -r offset length; do
    athar cat disk.img -q --offset "$offset" --size "$length" | iconv -f UTF-16LE -t UTF-8
    echo
  done

# As many places as grep finds, and the same ones; in the bytes of openssl there are some, too.
judge() { LC_ALL=C grep -abo "$@" | cut -d: -f1; }
diff <(athar search disk.img --encoding utf-8 --regex '[a-z]{4}' --json 2>/dev/null |
  jq -r 'select(.type == "row") | .offset') <(judge -iE '[a-z]{4}' disk.img) && echo "grep agrees"
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
for word in practice 'رسالة' 'db'; do
  diff <(athar search practice.img "$word" --encoding utf-8 --json --case-sensitive 2>/dev/null |
    jq -r 'select(.type == "row" and .text == .pattern) | .offset') <(judge -F "$word" practice.img) &&
    echo "grep agrees: $(judge -F "$word" practice.img | wc -l)"
done

# What is printed.
athar search disk.img --word secret --context 2
say athar search disk.img nowhere
printf 'first line\nسري\r\n\n' >list
plant 8000000 UTF-8 'سري'
say athar search disk.img --patterns list --encoding utf-8,windows-1256 | cut -c1-60
plant 9000000 UTF-8 'Ali +966 50 123 4567, ali@example.org, https://example.org/x?y=1.'
athar search disk.img --preset phone,email,url -q

# What cannot be meant is said in one line.
one_line 2 athar search disk.img
one_line 2 athar search disk.img --regex '(a'
one_line 2 athar search disk.img --regex 'a*'
one_line 2 athar search disk.img x --context 201
one_line 2 athar search disk.img x --encoding latin1
one_line 2 athar search disk.img x --exhibit 1
one_line 2 athar search disk.img --patterns disk.img
one_line 4 athar search nothing.img x
one_line 4 athar search disk.img --patterns nothing
