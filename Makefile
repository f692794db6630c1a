# Two commands: `make demo` shows a call, `make test` proves it. Both install what is missing.
CARGO = scripts/cargo
BESIDE = $(if $(PEER),--peer $(PEER))
TARGET = $(or $(CARGO_TARGET_DIR),target)
FUZZ = tests/fuzz/Cargo.toml
# What is given away names no folder of the machine that built it.
PACKAGES = $(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src
UNNAMED = RUSTFLAGS='$(RUSTFLAGS) --remap-path-prefix=$(PACKAGES)=' \
  CFLAGS='$(CFLAGS) -ffile-prefix-map=$(PACKAGES)='
RELEASE = $(UNNAMED) $(CARGO)

.PHONY: help demo test agreement sipp-dumb fuzz-replay guard guard-accept lint doc bench sizes \
	release install uninstall built dist windows test-windows clean

help:
	@echo 'make demo            builds and runs a call between two engines: encrypted, with real speech'
	@echo 'make demo DEVICES=1  the same, heard on the sound card'
	@echo 'make test            runs every test, those against other phones too'
	@echo 'make agreement       ten thousand calls between two phones on a bad network, in virtual time'
	@echo 'make sipp-dumb       proves that the sipp scenarios fail with a peer that knows nothing'
	@echo 'make release         builds the library and the programs into target/release, in some minutes'
	@echo 'make install         puts what that built into PREFIX (/usr/local), the library into LIBDIR'
	@echo '                     (PREFIX/lib), both below DESTDIR where that is set; compiles nothing'
	@echo 'make uninstall       removes it again'
	@echo 'make dist            packs it into target/dist: for Linux, and for Windows where that is built'
	@echo 'make windows         builds the DLL and the programs for Windows into target/windows; needs mingw'
	@echo 'make test-windows    looks at them, and runs them in wine'
	@echo 'make nuget-layout    lays out target/nuget of both builds, for a package for .NET'
	@echo 'make bench           measures, and prints tables; PEER=baresip: beside that phone'
	@echo 'make guard           counts the instructions of what packets go through, and fails when a path'
	@echo '                     takes 3 % more than was accepted; make guard-accept accepts, with a reason'
	@echo 'make sizes           prints how large the library is without what a build may leave out'
	@echo 'make lint            formatting, clippy, documentation'
	@echo 'make doc             the Rust API, the manual for hosts and the C header as HTML'

demo:
	@scripts/setup-debian.sh demo
	$(RELEASE) build --release --locked --features programs --bin sidetone-phone
	$(TARGET)/release/sidetone-phone demo --out demo-out $(if $(DEVICES),--devices)

test:
	@scripts/setup-debian.sh test
	$(CARGO) test --locked --features programs
	$(MAKE) fuzz-replay

# All seeds of tests/agreement.rs; `make test` runs the first 500.
agreement:
	$(CARGO) test --locked --release --test agreement -- --ignored --nocapture

# The scenarios of tests/sipp with sipp's own simple callee and caller in our place: all must fail.
sipp-dumb:
	@scripts/setup-debian.sh test
	$(CARGO) test --locked --features programs --test sipp_matrix -- --ignored --nocapture

# The fuzz targets, without sanitizers, over their corpus. They share the target folder, so that
# what both need is built once.
fuzz-replay:
	$(CARGO) test --locked --manifest-path $(FUZZ) --target-dir $(TARGET)

# A profile of its own, target/guard: see Cargo.toml. What no path needs is not built.
GUARD = $(CARGO) bench --locked --no-default-features --features opus --profile guard --bench guard --

guard:
	@scripts/setup-debian.sh guard
	$(GUARD)

guard-accept:
	@scripts/setup-debian.sh guard
	$(GUARD) accept

lint:
	@scripts/setup-debian.sh ci
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features programs -- -D warnings
	set -e; for feature in '' audio opus tls ws; do \
	  $(CARGO) clippy --locked --lib --no-default-features --features "$$feature" -- -D warnings; done
	$(CARGO) fmt --check --manifest-path $(FUZZ)
	$(CARGO) clippy --locked --all-targets --manifest-path $(FUZZ) --target-dir $(TARGET) -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --lib

# docs/embedding.md and the header are pages of it.
doc:
	$(CARGO) doc --locked --no-deps --lib
	@echo 'read $(TARGET)/doc/sidetone/index.html, embedding/index.html and c_header/index.html beside it'

# The library without an rlib, which the programs need and beside which it is not optimised as a
# whole; in a folder of its own, since cargo would else build both anew each time. install takes the
# place of a file rather than write into it: cargo's is a link to one that the programs are built of.
release:
	@scripts/setup-debian.sh demo
	$(RELEASE) build --release --locked --features programs --bins
	$(RELEASE) rustc --release --locked --lib --target-dir $(TARGET)/lib --crate-type cdylib,staticlib
	@install -m 755 $(TARGET)/lib/release/libsidetone.so $(TARGET)/release/
	@install -m 644 $(TARGET)/lib/release/libsidetone.a $(TARGET)/release/
	@echo 'built:' $(addprefix $(TARGET)/release/,libsidetone.so libsidetone.a sidetone-phone sidetone-bench)

# Whether there is something to give away. As root a build is not wanted, and its folder may be another.
built:
	@test -e $(TARGET)/release/libsidetone.so && test -e $(TARGET)/release/libsidetone.a || \
	  { echo 'run make release first: no libsidetone.so and .a in $(TARGET)/release' >&2; exit 1; }

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

install: built
	@scripts/setup-debian.sh install
	scripts/install.sh $(TARGET)/release '$(DESTDIR)' '$(PREFIX)' '$(LIBDIR)'

uninstall:
	scripts/install.sh --remove '$(DESTDIR)' '$(PREFIX)' '$(LIBDIR)'

dist: built
	@scripts/setup-debian.sh dist
	scripts/dist.py $(TARGET)

# MACHINE=x86_64 or i686 builds for that one only. WINDOWS=7 builds what imports nothing that Windows 7
# lacks, into folders of their own.
windows:
	@scripts/setup-debian.sh windows
	set -e; for machine in $(or $(MACHINE),x86_64 i686); do \
	  scripts/windows-build.sh $(TARGET)/windows $$machine$(addprefix -win,$(WINDOWS)); done

test-windows: windows
	scripts/wine32.sh $(TARGET)/windows/wine32
	scripts/pascal-windows.sh $(TARGET)/windows/pascal
	scripts/dotnet-windows.sh $(TARGET)/windows/dotnet
	$(CARGO) test --locked --features programs --test windows -- --ignored --nocapture

# What bindings/csharp/Sidetone.nuspec packs, of what `make release` and `make windows` have built.
.PHONY: nuget-layout
nuget-layout:
	mkdir -p $(TARGET)/nuget/linux-x64 $(TARGET)/nuget/win-x64 $(TARGET)/nuget/win-x86
	cp $(TARGET)/release/libsidetone.so $(TARGET)/nuget/linux-x64
	cp $(TARGET)/windows/x86_64/sidetone.dll $(TARGET)/nuget/win-x64
	cp $(TARGET)/windows/i686/sidetone.dll $(TARGET)/nuget/win-x86
	mcs -unsafe -optimize -target:library -out:$(TARGET)/nuget/Sidetone.Net.dll bindings/csharp/*.cs

bench: release
	@scripts/setup-debian.sh test
	$(TARGET)/release/sidetone-bench latency $(BESIDE)
	$(TARGET)/release/sidetone-bench calls --codec pcmu --n 200 --seconds 10 $(BESIDE)
	$(TARGET)/release/sidetone-bench calls --codec opus --n 50 --seconds 10 $(BESIDE)
	$(TARGET)/release/sidetone-bench footprint $(BESIDE)
	$(TARGET)/release/sidetone-bench setup --cps 100 --seconds 10 $(BESIDE)
	$(TARGET)/release/sidetone-bench setup --cps 300 --seconds 10

sizes:
	@scripts/setup-debian.sh demo
	$(UNNAMED) scripts/sizes.sh $(TARGET)/sizes

clean:
	$(CARGO) clean
