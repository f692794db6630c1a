#!/bin/sh
# Makes a folder with a Debian in which 32-bit programs for Windows run: wine32 does not install
# beside a 64-bit wine of Debian's security suite, and needs nothing of it in a root of its own.
#   scripts/wine32.sh FOLDER
# As root. What is there already stays as it is; nothing stays mounted or running.
set -eu
[ $# -eq 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
folder=$1
mark=$folder.made
packages='wine wine64 wine32:i386 libpulse0:i386 libpulse0'
[ "$(cat "$mark" 2>/dev/null)" != "$packages" ] || exit 0
[ "$(id -u)" = 0 ] || { echo 'Please run as root: debootstrap makes a file system.' >&2; exit 1; }

# From where this machine's own packages come, without the security suite.
origin=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(ORIGIN) $(COMPONENT)' \
  'Created-By: Packages' | sed -n 's/^\([^ ]*\) \([a-z]*\) Debian main$/\1 \2/p' | head -n 1)
[ -n "$origin" ] || { echo 'No Debian among the sources of apt.' >&2; exit 1; }
mirror=${origin% *} codename=${origin#* }

echo "Making a Debian for 32-bit programs of Windows" >&2
rm -rf "$folder" "$mark"
mkdir -p "$folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# What is mounted is so for this command alone, and gone with it. Only in a changed root that is no mount
# of its own nothing can be made private: where the system shares its mounts, they show there as well.
# shellcheck disable=SC2016  # the inner shell expands it
unshare --mount --propagation unchanged sh -euc '
  mount --make-rprivate / 2>/dev/null || :
  debootstrap --variant=minbase --include=ca-certificates "$2" "$1" "$3"
  mount -t proc proc "$1/proc"
  printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"
  chmod +x "$1/usr/sbin/policy-rc.d"
  chroot "$1" dpkg --add-architecture i386
  chroot "$1" apt-get update -q
  # shellcheck disable=SC2086  # the list is words on purpose
  chroot "$1" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $4
  chroot "$1" apt-get clean
' sh "$folder" "$codename" "$mirror" "$packages" >"$log" 2>&1 </dev/null || {
  tail -n 20 "$log" >&2
  exit 1
}
echo "$packages" >"$mark"
