# SPDX-License-Identifier: BSD-2-Clause
# What a carve run gave back of a seed volume; see score.sh. Input: the items, one after the other.
# $truth: the text of the truth; $fat: whether names may have lost their first letter; $single: whether only
# files that lie in one piece count.

def text_of: if startswith("hex:") then . else "\"\(.)\"" | fromjson end;
# The last component, of text or of hex:... alike.
def name_of:
  if startswith("hex:") then
    [.[4:] | scan("..")] | .[(rindex(["2f"]) // -1) + 1:] | "hex:" + join("")
  else split("/")[-1] end;
def item_names:
  [., .also[]?] | map(if .path_hex then "hex:" + .path_hex else .path end | select(. != null) | name_of);
def same_name($true):
  . == $true or ($fat and .[1:] == $true[1:] and .[:1] == "_");
def share($n; $of): if $of == 0 then 100 else $n * 1000 / $of | floor / 10 end;

($truth | split("\n") | map(select(. != "" and (startswith("#") | not)) | split("\t")
  | {path: (.[0] | text_of), size: (.[1] | tonumber), sha256: .[2], status: .[3], present: .[4],
     pointers: .[5], pieces: (.[7] // "" | split(",") | length)})) as $rows
| ($rows | map({(.sha256): true}) | add) as $known
| [inputs | select(.state != "live")] as $items
| ($items | map(select(.hashes.sha256)) | group_by(.hashes.sha256)
   | map({(.[0].hashes.sha256): map(item_names) | add}) | add // {}) as $given
| def back: $given[.sha256] != null;
  ($rows | map(select(.status == "deleted" and .present == "whole" and (($single | not) or .pieces == 1)))) as $whole
| ($whole | map(select(back))) as $got
| ($got | map(select(. as $r | $given[.sha256] | any(.[]; same_name($r.path | name_of))))) as $named
| ($whole | map(select(.pointers != "none"))) as $pointed
| ($rows | map(select(.status == "earlier" and .present == "whole"))) as $earlier
| ($items | map(select((.grade == "intact" or .grade == "complete") and .size > 0))) as $top
| ($top | map(select($known[.hashes.sha256 // ""] | not))) as $wrong
| {whole: ($whole | length), got: ($got | length), named: ($named | length),
   pointed: ($pointed | length), pointed_got: ($pointed | map(select(back)) | length),
   earlier: ($earlier | length), earlier_got: ($earlier | map(select(back)) | length),
   top: ($top | length), wrong: ($wrong | length),
   gone: ($top | map(select(.state != "unknown")) | length)} as $n
| ([$n.whole, $n.got, $n.named, $n.pointed, $n.pointed_got, $n.earlier, $n.earlier_got, $n.top, $n.wrong,
    $n.gone]
   | map(tostring) | "NUMBERS " + join(" ")),
  "\($seed): \($n.whole) deleted files are there whole, \($n.got) came back (\(share($n.got; $n.whole)) %), " +
  "\($n.named) with their name; of \($n.pointed) that something points at: \($n.pointed_got); " +
  "earlier versions: \($n.earlier_got) of \($n.earlier)",
  "\($seed): \($n.top) items are graded intact or complete, \($n.wrong) of them were never a file " +
  "(precision \(share($n.top - $n.wrong; $n.top)) %)",
  ($whole[] | select(back | not) | "\($seed): missed: \(.path | @json), \(.size) bytes, pointers: \(.pointers)"),
  (($got - $named)[] | "\($seed): without its name: \(.path | @json), but \($given[.sha256] | unique | tojson)"),
  ($wrong[] | "\($seed): wrong: item \(.item), \(.grade), \(.method), \(.state), \(.size) bytes, \(.type), \(.path | @json): \(.why)")
