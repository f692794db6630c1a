#!/bin/sh
# Installs what cargo has built on Linux: the library, shared and static, its header, the file that
# pkg-config reads, and the programs that are there.
#   scripts/install.sh BUILT DESTINATION PREFIX
# BUILT is target/release. Files go to DESTINATION/PREFIX and are written for PREFIX.
# The library's soname has the minor version in it, which may change the ABI before 1.0.
set -eu
[ $# -eq 3 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
built=$1 prefix=$3
to=$2$prefix
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml" | head -n 1)
soname=libsidetone.so.${version%.*}

install -d "$to/lib/pkgconfig" "$to/include"
install -m 644 "$built/libsidetone.so" "$to/lib/libsidetone.so.$version"
patchelf --set-soname "$soname" "$to/lib/libsidetone.so.$version"
ln -sf "libsidetone.so.$version" "$to/lib/$soname"
ln -sf "$soname" "$to/lib/libsidetone.so"
install -m 644 "$built/libsidetone.a" "$to/lib/libsidetone.a"
install -m 644 "$here/../include/sidetone.h" "$to/include/sidetone.h"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$here/sidetone.pc.in" \
  >"$to/lib/pkgconfig/sidetone.pc"
for program in sidetone-phone sidetone-bench; do
  [ ! -x "$built/$program" ] || install -D -m 755 "$built/$program" "$to/bin/$program"
done
# So that programs find it: the system keeps a list of its libraries.
if [ -z "$2" ]; then
  if [ "$(id -u)" = 0 ]; then ldconfig; else echo "Please run as root: ldconfig" >&2; fi
fi
