#!/bin/sh
# Installs what is missing on Debian 12, and says nothing when nothing is.
#   scripts/setup-debian.sh demo    what `make demo` needs: a compiler, cmake, ALSA's headers, cargo
#   scripts/setup-debian.sh test    that, and the peers and tools that `make test` runs
#   scripts/setup-debian.sh ci      that, and rustfmt and clippy
#   scripts/setup-debian.sh guard   what `make guard` needs besides `demo`
#   scripts/setup-debian.sh install what `make install` needs, which compiles nothing
#   scripts/setup-debian.sh dist    what `make dist` needs besides `demo`
#   scripts/setup-debian.sh windows what `make windows` and `make test-windows` need: Debian's own
#                                   compiler with its sources, mingw, clang and lld, wine, sipp
# As root, or through sudo where there is one. Elsewhere than on Debian it only tells what to install.
set -eu
want=${1:-demo}
here=$(cd "$(dirname "$0")" && pwd)

packages='gcc g++ make cmake pkg-config libasound2-dev ca-certificates'
case $want in
  demo) ;;
  test | ci)
    packages="$packages sip-tester dnsmasq-base baresip-core kamailio kamailio-presence-modules
      kamailio-tls-modules kamailio-websocket-modules openssl tshark valgrind pulseaudio
      pulseaudio-utils libasound2-plugins iproute2 procps python3 python3-pip python3-setuptools
      python3-wheel fp-compiler fp-units-rtl fp-units-base fp-units-fcl
      mono-mcs mono-runtime libmono-system-core4.0-cil binutils patchelf" ;;
  guard) packages="$packages valgrind git" ;;
  install) packages=patchelf ;;
  dist) packages="$packages patchelf python3 git" ;;
  windows)
    packages="$packages cargo-web rustc-web rust-web-src gcc-mingw-w64-x86-64 gcc-mingw-w64-i686
      g++-mingw-w64-x86-64 g++-mingw-w64-i686 llvm lld clang wine wine64 debootstrap sip-tester
      fp-compiler fp-units-rtl fp-units-base fp-units-fcl fpc-source python3 python3-pip
      mono-mcs libmono-system-core4.0-cil pulseaudio pulseaudio-utils" ;;
  *) sed -n '2,11p' "$0" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  [ "$want" = install ] || "$here/cargo" --version >/dev/null || {
    echo "Not Debian: please install the like of: cargo (1.91 or newer) $packages" >&2; exit 1; }
  exit 0
fi

has() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
# What a program of that name already gives, whoever installed it, need not come from Debian.
given() {
  case $1 in
    gcc | g++ | make | cmake | valgrind | pulseaudio | pkg-config | python3 | git | patchelf) command -v "$1" >/dev/null ;;
    *) false ;;
  esac
}

missing=
for package in $packages; do has "$package" || given "$package" || missing="$missing $package"; done
[ "$want" = install ] || "$here/cargo" --version >/dev/null 2>&1 ||
  missing="$missing cargo-web rustc-web"
if [ "$want" = ci ]; then
  "$here/cargo" fmt --version >/dev/null 2>&1 || missing="$missing rustfmt-web"
  "$here/cargo" clippy --version >/dev/null 2>&1 || missing="$missing rust-web-clippy"
fi
[ -n "$missing" ] || exit 0

echo "Installing:$missing" >&2
root=
[ "$(id -u)" = 0 ] || {
  command -v sudo >/dev/null || { echo "Please run as root: apt-get install$missing" >&2; exit 1; }
  root=sudo
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # the list is words on purpose
{ $root apt-get update -q &&
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
} >"$log" 2>&1 </dev/null || {
  tail -n 20 "$log" >&2
  echo "Installing failed; by hand: apt-get install$missing" >&2
  exit 1
}
