#!/usr/bin/env python3
"""What the library and the programs are made of, by cargo's own account of Cargo.lock.

  scripts/third-party.py licences TRIPLE   the licence texts of all dependencies
  scripts/third-party.py sbom TRIPLE       a bill of materials, CycloneDX 1.5
  scripts/third-party.py check TRIPLE      only that each licence is one that we take

TRIPLE is the platform built for. Development dependencies and build scripts are left out, as nothing
of them is given away. METADATA names a file to read in the place of `cargo metadata`. Fails when a
licence is not one that we take, or when a package has no text of it.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TAKEN = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC",
    "MIT", "Unicode-3.0", "Zlib",
}
# Taken for these packages alone.
EXCEPTIONS = {
    "rsip": {"X11"},
    "rsip-derives": {"X11"},
    "webpki-roots": {"CDLA-Permissive-2.0"},
}
# What Cargo.toml does not say, and the file does: MIT with a word on the holders' names.
READ = {"rsip": "X11", "rsip-derives": "X11"}
TEXTS = re.compile(r"(?i)^(un)?(licen[sc]e|copying|notice|copyright)([-._].*)?$")


def metadata(triple):
    """All packages, by cargo; for one platform and every feature."""
    if os.environ.get("METADATA"):
        with open(os.environ["METADATA"], encoding="utf-8") as file:
            return json.load(file)
    command = [os.path.join(ROOT, "scripts/cargo"), "metadata", "--locked", "--format-version", "1",
               "--all-features", "--filter-platform", triple]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def used(data):
    """Our package, the others that it is made of by name, and who needs whom."""
    packages = {package["id"]: package for package in data["packages"]}
    needs = {}
    wanted = [data["resolve"]["root"]]
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    while wanted:
        name = wanted.pop()
        if name not in needs:
            needs[name] = [need["pkg"] for need in nodes[name]["deps"]
                           if any(kind["kind"] is None for kind in need["dep_kinds"])]
            wanted += needs[name]
    own = packages[data["resolve"]["root"]]
    others = [packages[name] for name in needs if name != own["id"]]
    others.sort(key=lambda package: (package["name"], package["version"]))
    return own, others, {packages[name]["id"]: found for name, found in needs.items()}


def licence(package):
    """The SPDX expression of a package; some still write a stroke for OR."""
    stated = READ.get(package["name"]) or package["license"] or "none"
    return re.sub(r"\s*/\s*", " OR ", stated)


def holds(expression, taken):
    """Whether an SPDX expression can be met by some of the licences of a set."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression)

    def single():
        token = tokens.pop(0)
        if token == "(":
            value = either()
            tokens.pop(0)
            return value
        if tokens[:1] == ["WITH"]:
            tokens.pop(0)
            token += " WITH " + tokens.pop(0)
        return token in taken

    def all_of():
        value = single()
        while tokens[:1] == ["AND"]:
            tokens.pop(0)
            value = single() and value
        return value

    def either():
        value = all_of()
        while tokens[:1] == ["OR"]:
            tokens.pop(0)
            value = all_of() or value
        return value

    return either() and not tokens


def check(packages):
    """Ends the program when a licence is not one that we take."""
    refused = [f"{p['name']} {p['version']}: {licence(p)}" for p in packages
               if not holds(licence(p), TAKEN | EXCEPTIONS.get(p["name"], set()))]
    if refused:
        sys.exit("Licences that we do not take:\n  " + "\n  ".join(refused))


def files(package):
    """The licence files in a package; of a choice that has MIT in it, that one."""
    top = os.path.dirname(package["manifest_path"])
    found = []
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in ("tests", "examples", "benches", "src"))
        found += [os.path.join(folder, name) for name in sorted(names) if TEXTS.match(name)]
    mit = [path for path in found if "mit" in os.path.basename(path).lower()]
    return mit if mit and holds(licence(package), {"MIT"}) else found


def licences(packages):
    """Every text once, after those whom it is of."""
    texts = {}
    owners = [(f"Rust's standard library ({compiler()})", "MIT OR Apache-2.0", [])]
    owners += [(f"{p['name']} {p['version']}", licence(p), files(p)) for p in packages]
    for name, expression, paths in owners:
        # Apache's text names nobody, so ours will do.
        if not paths and holds(expression, {"Apache-2.0"}):
            paths = [os.path.join(ROOT, "LICENSE-APACHE")]
        if not paths:
            sys.exit(f"{name} has no licence text")
        for path in paths:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read().replace("\r\n", "\n").strip("\n")
            texts.setdefault(" ".join(text.split()), (text, []))[1].append(f"{name} ({expression})")
    print("Sidetone contains software of others, under these licences.")
    for text, names in texts.values():
        print("\n" + "=" * 100 + "\n" + "\n".join(sorted(set(names))) + "\n" + "-" * 100 + "\n")
        print(text)


def compiler():
    """The compiler's version: the standard library's as well."""
    # As old or new as cargo, which scripts/cargo finds.
    command = [os.environ.get("RUSTC") or os.path.join(ROOT, "scripts", "cargo"), "--version"]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.split()[1]


def checksums():
    """SHA-256 of the packages in Cargo.lock, by name and version."""
    with open(os.path.join(ROOT, "Cargo.lock"), encoding="utf-8") as file:
        found = re.findall(r'name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"',
                           file.read())
    return {(name, version): checksum for name, version, checksum in found}


def purl(package):
    """The name of a package in bills of materials."""
    return f"pkg:cargo/{package['name']}@{package['version']}"


def inner(package):
    """libopus, which a package has inside."""
    path = os.path.join(os.path.dirname(package["manifest_path"]), "opus", "package_version")
    with open(path, encoding="utf-8") as file:
        version = re.search(r'"(.*)"', file.read()).group(1)
    return {"type": "library", "bom-ref": f"pkg:generic/opus@{version}", "name": "opus",
            "version": version, "licenses": [{"expression": "BSD-3-Clause"}],
            "purl": f"pkg:generic/opus@{version}"}


def sbom(own, packages, needs):
    """A bill of materials as CycloneDX 1.5 has it: the same for the same Cargo.lock."""
    sums = checksums()
    names = {package["id"]: purl(package) for package in [own, *packages]}
    components = []
    for package in packages:
        component = {"type": "library", "bom-ref": purl(package), "name": package["name"],
                     "version": package["version"], "licenses": [{"expression": licence(package)}],
                     "purl": purl(package)}
        checksum = sums.get((package["name"], package["version"]))
        if not checksum:
            sys.exit(f"{package['name']} {package['version']} has no checksum in Cargo.lock")
        component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        components.append(component)
    edges = {names[one]: sorted({names[other] for other in others})
             for one, others in needs.items()}
    for package in packages:
        if package["name"] == "opusic-sys":
            components.append(inner(package))
            edges[purl(package)] += [components[-1]["purl"]]
            edges[components[-1]["purl"]] = []
    standard = f"pkg:generic/rust-std@{compiler()}"
    components.append({"type": "library", "bom-ref": standard, "name": "rust-std",
                       "version": compiler(), "licenses": [{"expression": "MIT OR Apache-2.0"}],
                       "purl": standard})
    edges[purl(own)] += [standard]
    edges[standard] = []
    main = {"type": "library", "bom-ref": purl(own), "name": own["name"], "version": own["version"],
            "licenses": [{"expression": licence(own)}], "purl": purl(own)}
    content = {"metadata": {"component": main}, "components": components,
               "dependencies": [{"ref": one, "dependsOn": edges[one]} for one in sorted(edges)]}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    serial = uuid.uuid5(uuid.NAMESPACE_URL, digest)
    print(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5",
                      "serialNumber": f"urn:uuid:{serial}", "version": 1, **content}, indent=1))


def main():
    """Does what the first argument says."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("licences", "sbom", "check"):
        sys.exit(__doc__)
    own, packages, needs = used(metadata(sys.argv[2]))
    check(packages)
    if sys.argv[1] == "licences":
        licences(packages)
    elif sys.argv[1] == "sbom":
        sbom(own, packages, needs)


main()
