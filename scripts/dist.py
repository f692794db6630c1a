#!/usr/bin/env python3
"""Packs what is built: one archive for Linux, and one for Windows where `make windows` ran.

  scripts/dist.py TARGET   from TARGET/release and TARGET/windows into TARGET/dist

Each archive has the library, header, manual, bindings, examples, programs, the licences of all that
is in it, and a bill of materials. Made twice of the same files it is the same: entries are sorted, and as
old as the commit.
"""
import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPTS = os.path.join(ROOT, "scripts")
# Files, and their names in an archive.
TEXTS = {name: name for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE",
                                 "docs/embedding.md"]}
TEXTS["docs/archive.md"] = "INSTALL.md"
LINUX = "x86_64-unknown-linux-gnu"
# Folder in the archive, folder of the build. Those for Windows 7 only where they are built.
WINDOWS = [("x64", "x86_64"), ("x86", "i686"), ("x64-win7", "x86_64-win7"),
           ("x86-win7", "i686-win7")]
BUILT = ["sidetone.dll", "sidetone.lib", "libsidetone.dll.a", "libsidetone.a", "sidetone.def",
         "sidetone-phone.exe", "sidetone-bench.exe"]
# What is linked from mingw, as Debian says it.
MINGW = ["/usr/share/doc/mingw-w64-common/copyright", "/usr/share/doc/gcc-mingw-w64-base/copyright"]


def said(*command, **environment):
    """What a command prints; it must succeed."""
    environment = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, env=environment)
    return done.stdout.decode()


def start(folder, triple, **environment):
    """A new folder with all that is alike on both systems."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "docs"))
    for name, given in TEXTS.items():
        shutil.copy(os.path.join(ROOT, name), os.path.join(folder, given))
    for name in said("git", "ls-files", "-z", "bindings", "examples-c").split("\0")[:-1]:
        to = os.path.join(folder, name)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), to)
    third_party = os.path.join(SCRIPTS, "third-party.py")
    for name, what in [("THIRD-PARTY.txt", "licences"), ("sbom.cdx.json", "sbom")]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(said(sys.executable, third_party, what, triple, **environment))


def linux(target, folder):
    """The archive for Linux, in the folders of an installation."""
    start(folder, LINUX)
    # pkg-config finds the folders from where its file lies.
    said(os.path.join(SCRIPTS, "install.sh"), os.path.join(target, "release"), folder + "/.", "")
    path = os.path.join(folder, "lib/pkgconfig/sidetone.pc")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("prefix=\n", "prefix=${pcfiledir}/../..\n"))


def windows(target, folder):
    """The archive for Windows; False where nothing is built for it."""
    built = [(name, os.path.join(target, "windows", machine)) for name, machine in WINDOWS]
    built = [(name, path) for name, path in built if os.path.exists(path + "/sidetone.dll")]
    if not built:
        return False
    start(folder, "x86_64-pc-windows-gnu", RUSTC="/usr/bin/rustc")
    for name, path in built:
        os.makedirs(os.path.join(folder, name))
        for file in BUILT:
            shutil.copy(os.path.join(path, file), os.path.join(folder, name))
    os.makedirs(os.path.join(folder, "include"))
    shutil.copy(os.path.join(ROOT, "include/sidetone.h"), os.path.join(folder, "include"))
    with open(os.path.join(folder, "THIRD-PARTY.txt"), "a", encoding="utf-8") as out:
        for path in MINGW:
            with open(path, encoding="utf-8") as file:
                out.write("\n" + "=" * 100 + "\nmingw-w64, its part in the DLL and the programs\n" +
                          "-" * 100 + "\n\n" + file.read())
    return True


def entries(folder):
    """Files and links below a folder, by name, each with its name in the archive."""
    above = os.path.dirname(folder)
    found = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return [(path, os.path.relpath(path, above)) for path in sorted(found)]


def tar(folder, archive, when):
    """Packs a folder as tar.gz."""
    with open(archive, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, when) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as out:
        for path, name in entries(folder):
            info = out.gettarinfo(path, name)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = when
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            if info.isfile():
                with open(path, "rb") as file:
                    out.addfile(info, file)
            else:
                out.addfile(info)


def zipped(folder, archive, when):
    """Packs a folder as zip."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for path, name in entries(folder):
            info = zipfile.ZipInfo(name, time.gmtime(when)[:6])
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            with open(path, "rb") as file:
                out.writestr(info, file.read())


def main():
    """Makes both archives."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = os.path.abspath(sys.argv[1])
    dist = os.path.join(target, "dist")
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as file:
        version = re.search(r'^version = "(.*)"', file.read(), re.M).group(1)
    when = int(os.environ.get("SOURCE_DATE_EPOCH") or said("git", "log", "-1", "--format=%ct"))
    folder = os.path.join(dist, f"sidetone-{version}-linux-x86_64")
    linux(target, folder)
    tar(folder, folder + ".tar.gz", when)
    print(folder + ".tar.gz")
    folder = os.path.join(dist, f"sidetone-{version}-windows")
    if windows(target, folder):
        zipped(folder, folder + ".zip", when)
        print(folder + ".zip")


main()
