#!/bin/sh
# Brings the runtime of .NET Core 3.1 for Windows, of 64 and of 32 bits, as a wheel of PyPI has it
# (dotnetcore2, terms of Microsoft). Debian's C# compiler writes what it runs.
#   scripts/dotnet-windows.sh FOLDER
# Then FOLDER/x86_64/dotnet.exe and FOLDER/i686/dotnet.exe run programs. For tests alone: it is
# never shipped. What is there already stays as it is.
set -eu
[ $# -eq 1 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=3.1.23
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
  machine=$1 platform=$2 sha256=$3
  [ "$(cat "$folder/$machine.made-by" 2>/dev/null)" != "$sha256" ] || return 0
  echo "Fetching .NET $version for $platform" >&2
  printf 'dotnetcore2==%s --hash=sha256:%s\n' "$version" "$sha256" >"$work/requirements"
  python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
    --only-binary=:all: --platform "$platform" --dest "$work/$machine" \
    --requirement "$work/requirements"
  rm -rf "${folder:?}/$machine" "$work/unpacked"
  python3 -m zipfile -e "$work/$machine"/*.whl "$work/unpacked"
  mv "$work/unpacked/dotnetcore2/bin" "$folder/$machine"
  echo "$sha256" >"$folder/$machine.made-by"
}
fetch x86_64 win_amd64 e2528813677d7a080522336cb530442408d1e2aea76fa8657018fb532c03c252
fetch i686 win32 bfa7f4c1301bb8e6efaa231a9de9f427b8556947d6c9875cbfc6add5777edacc
