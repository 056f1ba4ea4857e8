#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# guest.sh IMAGE TYPE OPTIONS SCRIPT CONTENTS: runs SCRIPT in a Linux under qemu, in the root of the
# volume of IMAGE mounted as TYPE with OPTIONS; $X is the folder CONTENTS there.
# GUEST_KERNEL names a folder where a linux-image package of Debian is unpacked (dpkg-deb -x).
# GUEST_MODULES: further modules. GUEST_UNCLEAN: the power goes without an umount, after a sync.
set -euo pipefail
image=$1 type=$2 options=$3 script=$4 extra=$5
kernel=${GUEST_KERNEL:?the folder where a linux-image package is unpacked}
version=$(cd "$kernel/lib/modules" && echo *)
modules=$kernel/lib/modules/$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/root/{bin,proc,sys,dev,mnt,modules,extra}
cp "$(command -v busybox)" "$work/root/bin/busybox"
cp -r "$extra/." "$work/root/extra/"
cp "$script" "$work/root/job.sh"
[ -f "$modules/modules.dep" ] || depmod -b "$kernel" "$version"

# with_needs MODULE: the files of it and of what it needs, in the order to load them.
with_needs() {
  local line
  line=$(grep -E "/${1//-/[-_]}\.ko(\.xz)?:" "$modules/modules.dep" | head -n 1) || return 0
  # shellcheck disable=SC2086
  printf '%s\n' ${line#*:} | tac
  echo "${line%%:*}"
}

for module in virtio_pci virtio_blk crc32c_generic crc32_generic ${GUEST_MODULES:-}; do
  with_needs "$module"
done | awk 'NF && !seen[$0]++' | while read -r path; do
  name=$(basename "${path%.xz}")
  case $path in *.xz) xz -dc "$modules/$path" ;; *) cat "$modules/$path" ;; esac >"$work/root/modules/$name"
  echo "$name"
done >"$work/list"
mv "$work/list" "$work/root/modules/list"

# Nothing goes to the disk but by sync: so every state on it is a known one.
cat >"$work/root/init" <<INIT
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev
while read m; do insmod /modules/\$m || echo "no module \$m"; done </modules/list
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
echo 600000 >/proc/sys/vm/dirty_expire_centisecs
echo 80 >/proc/sys/vm/dirty_background_ratio; echo 90 >/proc/sys/vm/dirty_ratio
i=0; while [ ! -b /dev/vda ] && [ \$i -lt 100 ]; do sleep 0.1; i=\$((i+1)); done
date -s @${GUEST_CLOCK:-1769904000} >/dev/null
mount -t $type -o $options /dev/vda /mnt || echo 'mount failed'
cd /mnt && X=/extra sh /job.sh
sync; cd /; ${GUEST_UNCLEAN:+:} umount /mnt
echo GUEST-DONE
poweroff -f
INIT
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc 2>/dev/null | gzip -1 >"$work/initrd")
timeout 900 qemu-system-x86_64 -accel tcg,thread=multi -m 768 -nographic -no-reboot -nodefaults -serial stdio \
  -kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet panic=-1 no_timer_check rdinit=/init" \
  -drive "file=$image,format=raw,if=virtio,cache=unsafe" </dev/null >"$work/log" 2>&1
grep -q GUEST-DONE "$work/log" || { cat "$work/log"; exit 1; }
tr -d '\r' <"$work/log" | grep -v GUEST-DONE || true
