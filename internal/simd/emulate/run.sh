#!/usr/bin/env bash
# Runs a package's tests on an AVX-512 machine that is not there: Bochs, which
# emulates one, boots a small Linux with nothing but busybox and the test binary.
# It shows that the results are right, not how fast they come.
#
#	internal/simd/emulate/run.sh [FLAG…]	flags of the test binary: -test.run=Product
#
#	PKG=./internal/simd      the package, whose tests find its testdata and no other files
#	SQUINT_SIMD=avx512       the tier; "" lets the program choose
#	CLEAR=321                bits of CPUID that Linux shall not see; with 321,304 it does
#	                         not see AVX-512 and so does not keep its registers
#	WORK=/tmp/squint-emulate where everything is put
#
# Seen to work with Debian 12: bochs 2.7+dfsg-4, Linux 6.1. Booting takes half a
# minute of a core, all tests of internal/simd take nine.
set -euo pipefail
cd "$(dirname "$0")/../../.."

die() { printf 'emulate: %s\n' "$*" >&2; exit 1; }

isolinux=/usr/lib/ISOLINUX/isolinux.bin
ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
if ! type bochs-bin xorriso cpio script >/dev/null 2>&1 || ! [ -f /bin/busybox -a -f $isolinux -a -f $ldlinux ]; then
	die "needs: apt-get install --no-install-recommends bochs bochs-term busybox-static cpio isolinux syslinux-common xorriso"
fi
pkg=${PKG:-./internal/simd}
work=${WORK:-/tmp/squint-emulate}
rm -rf "$work/init" "$work/iso" "$work/serial.txt"
mkdir -p "$work"/{kernel,init/{dev,proc,tmp,pkg},iso/isolinux}

if ! ls "$work"/kernel/boot/vmlinuz-* >/dev/null 2>&1; then
	(
		cd "$work/kernel"
		apt-get download "$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')"
		dpkg -x linux-image-*.deb .
	)
fi
cp "$work"/kernel/boot/vmlinuz-* "$work/iso/vmlinuz"

CGO_ENABLED=0 go test -c -ldflags='-s -w' -o "$work/init/test" "$pkg"
cp /bin/busybox "$work/init/"
[ ! -d "$pkg/testdata" ] || cp -r "$pkg/testdata" "$work/init/pkg/"
cat >"$work/init/init" <<EOF
#!/busybox sh
/busybox mount -t proc proc /proc
/busybox mount -t devtmpfs dev /dev
/busybox mount -t tmpfs tmp /tmp
exec </dev/null >/dev/ttyS0 2>&1
cd /pkg
echo "emulate: \$(/busybox grep -m1 'model name' /proc/cpuinfo)"
echo "emulate: kept by Linux:" \$(/busybox grep -o 'avx[^ ]*' /proc/cpuinfo)
HOME=/tmp SQUINT_SIMD=${SQUINT_SIMD-avx512} /test -test.v -test.timeout=0 ${*@Q}
echo "emulate: exit status \$?"
/busybox poweroff -f
EOF
chmod +x "$work/init/init"
(cd "$work/init" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/iso/initrd"

cp $isolinux $ldlinux "$work/iso/isolinux/"
# Linux finds that Bochs' CPUID says a wrong size for the registers saved by
# XSAVES and XSAVEC, and would do without AVX; so it shall use neither (321 is XSAVEC).
cat >"$work/iso/isolinux/isolinux.cfg" <<EOF
default linux
label linux
kernel /vmlinuz
initrd /initrd
append console=ttyS0,115200 quiet loglevel=0 panic=-1 mitigations=off tsc=reliable noxsaves clearcpuid=${CLEAR:-321}
EOF
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
	-no-emul-boot -boot-load-size 4 -boot-info-table "$work/iso" 2>/dev/null

cat >"$work/bochsrc" <<EOF
config_interface: textconfig
display_library: term
cpu: model=corei7_skylake_x, ips=50000000, reset_on_triple_fault=0
memory: guest=1024, host=1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
boot: cdrom
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
com1: enabled=1, mode=file, dev=$work/serial.txt
log: $work/bochs.log
panic: action=fatal
EOF
echo continue >"$work/debugger" # Debian's Bochs starts in its debugger

# Bochs draws on a terminal that it opens, and waits once that holds more than
# somebody reads. It calls it a panic when the machine is switched off.
rm -f "$work/screen"
TERM=xterm nice -n 10 timeout 7200 \
	script -qfc "bochs-bin -q -f $work/bochsrc -rc $work/debugger" "$work/screen" </dev/null >/dev/null 2>&1 &
bochs=$!
trap 'kill $bochs 2>/dev/null || true' EXIT
until terminal=$(grep -os '/dev/pts/[0-9]*' "$work/screen"); do
	kill -0 $bochs || die "Bochs did not start; see $work/screen"
	sleep 1
done
cat "$terminal" >/dev/null 2>&1 &
wait $bochs || true
[ -f "$work/serial.txt" ] || die "Linux did not start; see $work/bochs.log and screen"
tr -d '\r' <"$work/serial.txt"
grep -q '^emulate: exit status 0' "$work/serial.txt" || die "failed; see $work/serial.txt, bochs.log and screen"
