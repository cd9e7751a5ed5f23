# The two commands are `make run` and `make test`. `make` alone lists the rest.
#
# Where things go: builds into $CARGO_TARGET_DIR (target/ if unset), results of
# tests into test-results/, test tools into ~/.cache/quayside.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run dev interface ui check fmt test test-rust test-weeks test-ui test-pictures test-window approve bench chaos peak fuzz seeds mutations package test-package shots shots-window icons bindings

cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/quayside
target := $(or $(CARGO_TARGET_DIR),target)
export PATH := $(cache)/tools/bin:$(PATH)
# Tests run in their crates' folders: a path from here must not depend on that.
export QUAYSIDE_SPECS := $(abspath $(or $(QUAYSIDE_SPECS),../shared/specs))
step := scripts/step

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready interface ## Open the desk with a live sandbox merchant: no account needed
	@cargo build --release --locked -p quayside
	@$(target)/release/quayside --sandbox

dev: ready ui/node_modules/.package-lock.json ## The same with hot reload
	@ui/node_modules/.bin/tauri dev -- -- --sandbox

interface: ui/dist/.built ## Build the interface

ui: ui/node_modules/.package-lock.json ## Show every part of the interface in every state, in a browser
	@npm --prefix ui run --silent parts

check: ready-tests interface ## Formatting, lints and types, in Rust and in the interface
	@$(step) "Rust formatting" cargo fmt --all --check
	@$(step) "Rust lints" cargo clippy --workspace --all-targets --locked -- -D warnings
	@$(step) "Interface lints, formatting, types" npm --prefix ui run --silent check
	@$(step) "Window tests: types and formatting" scripts/check-window-tests
	@$(step) "Dependencies: licences, sources, bans" scripts/check-licences
	@$(step) "Mutations still apply" scripts/mutations --check

fmt: ui/node_modules/.package-lock.json ## Format everything
	@cargo fmt --all
	@npm --prefix ui run --silent format
	@cd ui && node_modules/.bin/prettier --log-level warn --config .prettierrc --write ../tests/window

test: test-rust test-weeks test-ui test-pictures test-window ## Everything: Rust, simulated weeks, interface, contracts, pictures, the real window
	@echo "Screenshots of every screen: $(CURDIR)/test-results/shots"

test-rust: ready-tests interface
	@$(step) "Rust tests" scripts/with-desktop cargo nextest run --workspace --locked
	@$(step) "Examples in the documentation" cargo test --workspace --locked --doc --quiet
	@scripts/say-skipped

test-weeks: ready-tests interface ## Fifty weeks of 2,000 orders, and fifty lives on all six platforms, everything going wrong
	@$(step) "Fifty simulated weeks, fifty lives on six platforms" cargo nextest run --workspace --locked --run-ignored only -E 'binary(/^weeks/)'

test-ui: ui/node_modules/.package-lock.json
	@$(step) "Interface tests" npm --prefix ui run --silent test

test-pictures: ready-tests ui/node_modules/.package-lock.json
	@$(step) "Pictures as approved" npm --prefix ui run --silent pictures

approve: ready-tests ui/node_modules/.package-lock.json ## Take the screens as they look now for the approved pictures (look at them before they are committed)
	@npm --prefix ui run --silent approve

test-window: ready-tests interface
	@# With the tests, and so with their features: what `test-rust` built is what the stories drive.
	@$(step) "Building the window" cargo build --workspace --locked --tests --bins --examples
	@$(step) "The real window" scripts/window-tests

bench: ready-tests interface ## Numbers: ingest, backlog, queue at 100,000 and 1,000,000 orders, memory, idle CPU, start, sizes
	@QUAYSIDE_BENCH_ORDERS=100000,1000000 scripts/with-desktop cargo bench --workspace --locked --bench '*'
	@cargo build --release --locked -p quayside -p quayside-cli --bins --examples
	@scripts/bench-window

chaos: ready-tests ## 200 rounds of death, sleep, cut wires, a full disk and a moved clock, on the real program
	@QUAYSIDE_CHAOS_ROUNDS=$(or $(ROUNDS),200) scripts/with-desktop cargo nextest run --locked -p quayside-cli --test kill --run-ignored all --no-capture
	@cargo nextest run --workspace --locked --run-ignored all -E 'binary(dying) or test(a_fifth_of_the_worst_hour)'
	@QUAYSIDE_TRACKS=long cargo nextest run --locked -p quayside-cli --test tracks

fuzz: ready ## Bent answers, searches, tables, profiles and templates against everything that reads them: about a minute (EACH=60 for longer)
	@cargo run --quiet --locked -p quayside-fuzz --bin bounded -- --jobs 2 --seconds $(or $(EACH),10)
	@echo "For hours, guided by coverage (cargo-fuzz and a nightly toolchain): cargo +nightly fuzz run --features libfuzzer TARGET"

peak: ready ## The worst hour of the year, some minutes; its figures go into docs/reliability.md
	@node scripts/peak-figures.mjs

seeds: ready ## A thousand weeks of a small shop, everything going wrong, as fast as the machine can (SEEDS=1..50 for fewer)
	@cargo build --release --locked -p quayside-cli
	@$(step) "Seeds $(or $(SEEDS),1..1000), seven days each" $(target)/release/quayside-cli simulate \
		--seeds $(or $(SEEDS),1..1000) --days 7 --orders 100 --poll 3600 --faults $(or $(FAULTS),all) --platforms none

mutations: ready ## Break the product on purpose, four times, and see whether the simulator notices
	@$(step) "Mutations are noticed" scripts/mutations

package: ready interface ## Build the installable package (.deb) and a bill of materials beside it; where it may be installed, try it out
	@cargo build --release --locked -p quayside-cli
	@ui/node_modules/.bin/tauri build --bundles deb --config \
		'{"bundle":{"linux":{"deb":{"files":{"/usr/bin/quayside-cli":"$(abspath $(target))/release/quayside-cli"}}}}}'
	@node scripts/dependencies.mjs bom $(target)/release/bundle/quayside.cdx.json
	@scripts/test-package --if-possible

test-package: ready-tests ## Install the package, start it, look, remove it
	@scripts/test-package

shots: ready-tests ui/node_modules/.package-lock.json ## Pictures of every screen in every theme, density and size into test-results/shots/screens
	@npm --prefix ui run --silent shots:all -- $(CURDIR)/test-results/shots/screens

shots-window: ready-tests interface ## Screenshots of every screen in the real window into test-results/shots
	@cargo build --locked -p quayside
	@scripts/window-tests screens

icons: ui/node_modules/.package-lock.json ## Draw all icons from assets/*.svg
	@scripts/icons

bindings: ui/node_modules/.package-lock.json ## Write the TypeScript side of the commands
	@cargo run --quiet --bin quayside -- --export-bindings ui/src/lib/api/bindings.ts
	@cd ui && node_modules/.bin/prettier --log-level warn --write src/lib/api/bindings.ts

# --- Things other targets stand on -------------------------------------------------------------
.PHONY: ready ready-tests
ready:
	@scripts/bootstrap
ready-tests:
	@scripts/bootstrap --tests

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	@npm --prefix ui ci --no-fund --no-audit --loglevel=error
	@touch $@

# Everything that goes into the interface, so that it is built when and only when it changed. Git still lists a file that
# was deleted and not committed; `wildcard` leaves it out.
interface := $(wildcard $(shell git ls-files -co --exclude-standard -- ui assets/messages 2>/dev/null))
ui/dist/.built: ui/node_modules/.package-lock.json $(interface)
	@npm --prefix ui run --silent build
	@touch $@
