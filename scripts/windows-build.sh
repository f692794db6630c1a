#!/bin/sh
# Builds for Windows on Debian: sidetone.dll, its import libraries, and the two programs.
#   scripts/windows-build.sh FOLDER x86_64|i686 [options of cargo build]
# The results stand in FOLDER/x86_64 or FOLDER/i686, what leads to them in FOLDER/build.
set -eu
[ $# -ge 2 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
folder=$1 machine=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
target=$machine-pc-windows-gnu
"$here/windows-sysroot.sh" "$folder/sysroot" "$target"

# One compiler for the library and for what it stands on; the sysroot's path is absolute, as cargo
# runs rustc in other folders.
sysroot=$(cd "$folder/sysroot" && pwd)
cd "$here/.."
build() {
  what=$1
  shift
  RUSTC=/usr/bin/rustc RUSTFLAGS="--sysroot=$sysroot -C target-feature=+crt-static" \
    /usr/bin/cargo "$what" --release --locked --target "$target" --target-dir "$folder/build" "$@"
}
build build --features programs --bins "$@"
# Last, as the programs build one as well: the DLL by itself, which beside an rlib would not be
# optimised as a whole.
build rustc --lib --crate-type cdylib "$@"

to=$folder/$machine
mkdir -p "$to"
for file in sidetone.dll sidetone-phone.exe sidetone-bench.exe; do
  cp "$folder/build/$target/release/$file" "$to"
done

# The header's functions are what a host may link, by names without decoration.
{ echo 'LIBRARY "sidetone.dll"'; echo EXPORTS
  sed -n '/^SIDETONE_API$/{N;s/\n/ /;}; s/^SIDETONE_API .*\(sidetone_[a-z0-9_]*\)(.*/  \1/p' \
    include/sidetone.h
} >"$to/sidetone.def"
case $machine in x86_64) llvm=i386:x86-64 ;; *) llvm=i386 ;; esac
"$machine-w64-mingw32-dlltool" -d "$to/sidetone.def" -l "$to/libsidetone.dll.a"
llvm-dlltool -m "$llvm" -d "$to/sidetone.def" -l "$to/sidetone.lib"
