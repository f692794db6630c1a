#!/bin/sh
# Builds for Windows on Debian: sidetone.dll, its import libraries, and the two programs.
#   scripts/windows-build.sh FOLDER x86_64|i686|x86_64-win7|i686-win7 [options of cargo build]
# The results stand in FOLDER/x86_64 and so on, what leads to them in FOLDER/build. Those with win7
# import nothing that Windows 7 lacks; the others want Windows 10.
set -eu
[ $# -ge 2 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd) flavour=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
machine=${flavour%-win7}
gcc=$machine-w64-mingw32
target=$machine-pc-windows-gnu
case $flavour in *-win7) target=$machine-win7-windows-gnu ;; esac
under=$(echo "$target" | tr - _)
case $flavour in *-win7)
  # What looks for a C compiler does not know of these targets.
  export "CC_$under=$gcc-gcc" "AR_$under=$gcc-ar" ;;
esac
"$here/windows-sysroot.sh" "$folder/sysroot" "$target"

# Cargo does not notice a new standard library.
build=$folder/build/$target
cmp -s "$folder/sysroot/$target.made-by" "$build/made-by" || {
  rm -rf "$build"
  mkdir -p "$build"
  cp "$folder/sysroot/$target.made-by" "$build/made-by"
}

# One compiler for the library and for what it stands on; the sysroot's path is absolute, as cargo
# runs rustc in other folders. Panics name files: their paths here are nobody's business, and long.
sysroot=$(cd "$folder/sysroot" && pwd)
flags="--sysroot=$sysroot -C target-feature=+crt-static"
packages=${CARGO_HOME:-$HOME/.cargo}/registry/src
flags="$flags --remap-path-prefix=$packages="
# Errors of COM as numbers with Windows' own words for them: the objects that tell more need Windows 8.
flags="$flags --cfg windows_slim_errors"
# What Windows 8 moved to combase.dll is taken from where it was and still is (device/windows7.rs), by
# the plain names that Rust links by.
case $flavour in *-win7)
  printf 'LIBRARY "ole32.dll"\nEXPORTS\n  CoTaskMemFree\n  CoCreateFreeThreadedMarshaler\n' \
    >"$build/ole32.def"
  "$gcc-dlltool" --no-leading-underscore -d "$build/ole32.def" -l "$build/libole32_of_windows_7.a"
  flags="$flags -L native=$build" ;;
esac
export "CFLAGS_$under=-ffile-prefix-map=$packages="
cd "$here/.."
build() { # what cargo does, which folder is built in
  what=$1 part=$2
  shift 2
  RUSTC=/usr/bin/rustc RUSTFLAGS=$flags \
    /usr/bin/cargo "$what" --release --locked --target "$target" --target-dir "$build/$part" "$@"
}
to=$folder/$flavour
mkdir -p "$to"
keep() { # of what was built last
  for file in "$@"; do cp "$build/$part/$target/release/$file" "$to"; done
}
# Without an rlib, beside which the library would not be optimised as a whole. The programs need one:
# each has a folder of its own, as all that they stand on is compiled in another way too.
# Inlining as far as -O3 goes makes it 0.4 MB larger, and no call faster. Who builds for size
# (CARGO_PROFILE_RELEASE_OPT_LEVEL=s) gets that level's own.
inlining='-C llvm-args=-inline-threshold=75'
[ -z "${CARGO_PROFILE_RELEASE_OPT_LEVEL:-}" ] || inlining=
# shellcheck disable=SC2086  # two words, or none
build rustc library --lib --crate-type cdylib,staticlib "$@" -- $inlining
keep sidetone.dll libsidetone.a

# The header's functions are what a host may link, by names without decoration.
{ echo 'LIBRARY "sidetone.dll"'; echo EXPORTS
  sed -n '/^SIDETONE_API$/{N;s/\n/ /;}; s/^SIDETONE_API .*\(sidetone_[a-z0-9_]*\)(.*/  \1/p' \
    include/sidetone.h
} >"$to/sidetone.def"
case $machine in x86_64) llvm=i386:x86-64 ;; *) llvm=i386 ;; esac
"$gcc-dlltool" -d "$to/sidetone.def" -l "$to/libsidetone.dll.a"
llvm-dlltool -m "$llvm" -d "$to/sidetone.def" -l "$to/sidetone.lib"

build build programs --features programs --bins "$@"
keep sidetone-phone.exe sidetone-bench.exe
