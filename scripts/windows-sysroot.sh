#!/bin/sh
# Makes a folder with Rust's standard library for Windows, out of the sources that Debian ships with
# its compiler (rust-web-src); rustc takes it as --sysroot.
#   scripts/windows-sysroot.sh FOLDER x86_64-pc-windows-gnu i686-pc-windows-gnu
# What is there already for the compiler that is installed stays as it is.
set -eu
[ $# -ge 2 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
rustc=/usr/bin/rustc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Cargo builds the library only for a package that wants it: one with nothing in it.
mkdir "$work/src"
: >"$work/src/lib.rs"
printf '[package]\nname = "nothing"\nedition = "2024"\n' >"$work/Cargo.toml"

for target in "$@"; do
  to=$folder/lib/rustlib/$target/lib
  made=$folder/$target.made-by
  version="$($rustc -vV), for size, without paths"
  [ "$(cat "$made" 2>/dev/null)" != "$version" ] || continue
  echo "Building Rust's standard library for $target" >&2
  rm -rf "$to" "$made"
  mkdir -p "$to"
  # With bitcode, so that our build can optimise across it; small, as what is hot in it is generic and
  # compiled with what uses it; without backtraces, which would have no names to show in a stripped
  # library. -Z wants the word that says that we know what we do.
  RUSTC_BOOTSTRAP=1 RUSTC=$rustc CARGO_PROFILE_RELEASE_OPT_LEVEL=s \
    RUSTFLAGS="-C embed-bitcode=yes --remap-path-prefix=/usr/lib/rustlib/src/rust/= \
--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=" \
    /usr/bin/cargo build --release \
    -Zbuild-std=std,panic_unwind -Zbuild-std-features=panic-unwind --target "$target" \
    --manifest-path "$work/Cargo.toml" --target-dir "$work/target"
  for library in "$work/target/$target"/release/deps/lib*.rlib; do
    case $library in */libnothing-*) ;; *) cp "$library" "$to" ;; esac
  done
  case $target in
    # 32-bit programs register their unwind tables themselves: the first and the last object linked.
    i686-*) for object in rsbegin rsend; do
        RUSTC_BOOTSTRAP=1 $rustc --target "$target" --crate-type lib --emit obj -O \
          -o "$to/$object.o" "/usr/lib/rustlib/src/rust/library/rtstartup/$object.rs"
      done ;;
  esac
  echo "$version" >"$made"
done
