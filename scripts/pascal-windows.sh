#!/bin/sh
# Makes Free Pascal's units for Windows, of 64 and of 32 bits, and the compiler that makes 32-bit
# code, out of the sources that Debian ships: it has none of them ready.
#   scripts/pascal-windows.sh FOLDER
# Then FOLDER/x86_64-pascal and FOLDER/i686-pascal compile a program, with fpc's options. What is
# there already for the compiler that is installed stays as it is.
set -eu
[ $# -eq 1 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=$(fpc -iV)
mark=$folder/made-by
[ "$(cat "$mark" 2>/dev/null)" != "$version" ] || exit 0
echo "Building Free Pascal's units for Windows" >&2
rm -rf "$folder"
mkdir -p "$folder/compiler" "$folder/x86_64" "$folder/i686"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "/usr/share/fpcsrc/$version/." "$work"

# The units of one machine: what the makefiles of the runtime library do.
units() {
  compiler=$1 out=$2 system=$3 cpu=$4
  cd "$work/rtl/$system"
  make_unit() {
    "$compiler" -n "-T$system" "-P$cpu" -O2 -v0 -Fi../inc "-Fi../$cpu" -Fi../win "-FE$out" \
      "-FU$out" "-Fu$out" "-d$cpu" -dRELEASE "$@"
  }
  make_unit -Us -Sg system.pp
  make_unit ../inc/uuchar.pp
  make_unit -Fi../objpas ../objpas/objpas.pp
  make_unit -Fi../objpas/sysutils -Fi../objpas/classes "-Fu../$cpu" -Fi../objpas \
    -Fi../win/wininc -Fu../win/wininc -Fu../win -Fu../inc -Fu../objpas buildrtl.pp
  make_unit ../inc/lineinfo.pp
  make_unit ../inc/lnfodwrf.pp
  make_unit -Fu../inc -Fi../charmaps ../charmaps/cpall.pas
  make_unit ../../packages/fcl-base/src/syncobjs.pp
}

log=$work/log
build() {
  set -e
  # The 32-bit compiler, compiled by the 64-bit one.
  cd "$work/compiler"
  fpc -v0 "-FE$folder/compiler" utils/msg2inc.pp
  "$folder/compiler/msg2inc" "$(find /usr/lib/fpc /usr/lib/*/fpc /usr/share -name errore.msg \
    2>/dev/null | head -n 1)" msg msg
  own=$(echo /usr/lib/*/fpc/"$version"/units/x86_64-linux)
  fpc -n "-Fu$own/*" -O2 -Sg -v0 -di386 -dRELEASE -Fii386 -Fui386 -Fix86 -Fux86 -Fusystems -Fu. \
    -Fi. "-FE$folder/compiler" "-FU$work" -oppcross386 pp.pas
  units "$(command -v ppcx64)" "$folder/x86_64" win64 x86_64
  units "$folder/compiler/ppcross386" "$folder/i686" win32 i386
}
# Not behind `||`, where no failure but the last would end it.
set +e
(build) >"$log" 2>&1 </dev/null
ended=$?
set -e
[ "$ended" = 0 ] || { tail -n 20 "$log" >&2; exit "$ended"; }
printf '#!/bin/sh\nexec ppcx64 -n -Twin64 -Px86_64 "-Fu%s" "$@"\n' "$folder/x86_64" \
  >"$folder/x86_64-pascal"
printf '#!/bin/sh\nexec "%s" -n -Twin32 "-Fu%s" "$@"\n' "$folder/compiler/ppcross386" \
  "$folder/i686" >"$folder/i686-pascal"
chmod +x "$folder/x86_64-pascal" "$folder/i686-pascal"
echo "$version" >"$mark"
