#!/bin/sh
# Installs what cargo has built on Linux: the library, shared and static, its header, the file that
# pkg-config reads, and the programs that are there.
#   scripts/install.sh BUILT DESTINATION PREFIX [LIBDIR]
#   scripts/install.sh --remove DESTINATION PREFIX [LIBDIR]
# BUILT is target/release. Files go below DESTINATION and are written for PREFIX and LIBDIR
# (PREFIX/lib). The library's soname has the minor version in it, which may change the ABI before 1.0.
set -eu
[ $# -ge 3 ] && [ $# -le 4 ] || { sed -n '2,7p' "$0" >&2; exit 2; }
built=$1 prefix=$3 libdir=${4:-$3/lib}
to=$2$prefix
libraries=$2$libdir
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml" | head -n 1)
soname=libsidetone.so.${version%.*}
programs='sidetone-phone sidetone-bench'

# So that programs find the library: the system keeps a list.
tell_loader() {
  [ -z "$1" ] || return 0
  if [ "$(id -u)" = 0 ]; then ldconfig; else echo "Please run as root: ldconfig" >&2; fi
}

if [ "$built" = --remove ]; then
  for name in libsidetone.so "$soname" "libsidetone.so.$version" libsidetone.a pkgconfig/sidetone.pc
  do rm -f "$libraries/$name"; done
  rm -f "$to/include/sidetone.h"
  for program in $programs; do rm -f "$to/bin/$program"; done
  tell_loader "$2"
  exit 0
fi

install -d "$libraries/pkgconfig" "$to/include"
install -m 644 "$built/libsidetone.so" "$libraries/libsidetone.so.$version"
patchelf --set-soname "$soname" "$libraries/libsidetone.so.$version"
ln -sf "libsidetone.so.$version" "$libraries/$soname"
ln -sf "$soname" "$libraries/libsidetone.so"
install -m 644 "$built/libsidetone.a" "$libraries/libsidetone.a"
install -m 644 "$here/../include/sidetone.h" "$to/include/sidetone.h"
# Whoever moves the whole has one line to change.
case $libdir in "$prefix"/*) libdir="\${prefix}${libdir#"$prefix"}" ;; esac
sed -e "s|@PREFIX@|$prefix|" -e "s|@LIBDIR@|$libdir|" -e "s|@VERSION@|$version|" \
  "$here/sidetone.pc.in" >"$libraries/pkgconfig/sidetone.pc"
for program in $programs; do
  [ ! -x "$built/$program" ] || install -D -m 755 "$built/$program" "$to/bin/$program"
done
tell_loader "$2"
