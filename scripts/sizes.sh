#!/bin/sh
# Builds the shared library as `make release` does, with everything and without what a build may
# leave out, and prints the bytes of each, stripped, as rows of a table.
#   scripts/sizes.sh FOLDER    FOLDER is built into; some minutes for each row
set -eu
[ $# = 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
folder=$1
here=$(cd "$(dirname "$0")" && pwd)

row() {
  "$here/cargo" rustc --release --locked --lib --target-dir "$folder" --crate-type cdylib \
    --no-default-features --features "$2" >&2
  bytes=$(wc -c <"$folder/release/libsidetone.so")
  echo "| $1 | $(echo "$bytes" | sed -e :a -e 's/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/' -e ta) |"
}

echo "| \`libsidetone.so\`, $(uname -m) | bytes |"
echo '| --- | --- |'
row 'with everything' audio,opus,tls,ws
row 'without sound cards' opus,tls,ws
row 'without Opus' audio,tls,ws
row 'without TLS and WebSocket' audio,opus
row 'without all of these' ''
