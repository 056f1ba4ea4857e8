# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# More than 100,000 damaged chunks, no two of them neighbours: rows and lists are bounded, the counts
# are whole, and so is the memory.
needs perl jq ewfacquire
needs_confinement
truncate -s 1700M zeros.img
quietly 0 ewfacquire -u -q -b 16 -c fast -S 1073741824 -t many zeros.img
spoiled=$(perl -e '
  open my $f, "+<", $ARGV[0] or die; binmode $f;
  sub get { my ($at, $n) = @_; seek $f, $at, 0; read $f, my $b, $n; $b }
  my ($at, $end, $n) = (13, 0, 0);
  for (;;) {
    my $d = get($at, 76); my ($type) = unpack "Z16", $d; my $next = unpack "Q<", substr $d, 16, 8;
    $end = $next if $type eq "sectors";
    if ($type eq "table") {
      my $h = get($at + 76, 24); my $count = unpack "V", $h; my $base = unpack "Q<", substr $h, 8, 8;
      my @e = map { $base + ($_ & 0x7fffffff) } unpack "V*", get($at + 100, 4 * $count);
      push @e, $end;
      for my $i (0 .. $count - 1) {
        next if $n++ % 2;
        my $last = get($e[$i + 1] - 1, 1); seek $f, $e[$i + 1] - 1, 0; print $f chr(255 ^ ord $last);
      }
    }
    last if $type eq "done" or $type eq "next" or $next <= $at;
    $at = $next;
  }
  print int(($n + 1) / 2)' many.E01)
echo "$spoiled chunks spoiled"
# A build that looks for errors in memory needs room of its own.
bash -c 'ulimit -v 2000000; athar --version; true' >probe 2>&1
grep -q '^athar [0-9]' probe && ulimit -v 2000000
athar verify many.E01 -j 2 --json >out 2>err
echo "exit $?"
jq -r 'select(.type == "row") | .kind' out | sort | uniq -c | sed 's/^ *//'
jq -r 'select(.kind == "chunk" and .offset == null) | .detail' out
tail -n 1 out | jq -c '.paths[0] | [.damaged_ranges, .damaged_bytes, (.damaged | length)]'
[ "$(wc -c <out)" -lt 2000000 ] && echo 'less than 2 MB of rows'
