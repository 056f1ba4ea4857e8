# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_root
needs_confinement
bytes 100000 >disk.img
quietly 0 athar acquire disk.img --case case --exhibit 1
sha256sum case/custody.jsonl >before
mkdir mount
unshare -m bash -c '
  mount --bind case mount && mount -o remount,ro,bind mount || exit 77
  athar verify mount >out 2>err
  echo "exit $?"' || exit 77
cat err
sha256sum -c --quiet before
# Nor does a case that others may write to, as on a stick without modes, stay unverified.
chmod go+w case
athar verify case >out 2>err
echo "exit $?"
cut -c1-70 err
sha256sum -c --quiet before
