# Florin: build, run, check, test. `make` alone lists the targets.
#
# Needs Go, a C compiler, Node, npm and make. The packages of the pages come
# through npm, the checking tools through Go (their versions stand in
# tools/go.mod), Chromium and PostgreSQL for the tests through scripts/need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# One set of flags for building, vetting and testing, so that they share one
# build cache: compiling SQLite twice costs more than everything else together.
# The version is stamped below from git, hence no -buildvcs, which fails where
# the checkout belongs to another user.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -buildvcs=false

# npm's advice to update npm is not what anybody came for.
export npm_config_update_notifier := false

LISTEN ?= 127.0.0.1:8080
DATA ?= ./data
ARGS ?=

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TOOLS := bin/tools
# Not npm --prefix, which also moves the place of the machine-wide npm settings.
NPM := cd web && npm --silent
PAGE_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o \
  \( -type f -not -name '*.go' -o -type d -path 'web/src*' \) -not -path '*/.*' -print)

##@ Use

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: build ## build and start the studio on http://127.0.0.1:8080, its data in ./data
	@exec bin/florin serve --listen $(LISTEN) --data $(DATA) $(ARGS)

.PHONY: build
build: ## build bin/florin with its page
	@[ -x bin/florin ] || echo "building florin; the first time takes a minute or two" >&2
	@# The page and the program are built at the same time, then joined.
	@if [ ! -x bin/florin ]; then go build -o /dev/null ./cmd/florin >/dev/null 2>&1 & fi; \
	  if ! command -v npm >/dev/null; then \
	    echo "npm is missing: florin is built without its page (install Node 20.19 or later with npm, then: make build)" >&2; \
	  elif ! $(MAKE) page; then \
	    echo "the page could not be built (see above): florin is built with the page it had, if any; repeat with: make page" >&2; \
	  fi; wait
	@go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/florin ./cmd/florin

.PHONY: page
page: web/dist/index.html ## build only the page, into web/dist
	@:

web/dist/index.html: web/node_modules/.installed $(PAGE_SOURCES)
	@$(NPM) run build -- --logLevel warn
	@touch $@

# npm ci empties node_modules, and with it this stamp, before it installs.
web/node_modules/.installed: web/package-lock.json
	@echo "installing the npm packages of the pages" >&2
	@cd web && npm ci --no-audit --no-fund --loglevel=error \
	  --fetch-timeout=60000 --fetch-retries=2 --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000 >/dev/null
	@touch $@

##@ Prove

.PHONY: check
check: $(TOOLS)/staticcheck web/node_modules/.installed ## format, vet, staticcheck and the page's types
	@found=$$(find . \( -name node_modules -o -name bin -o -name data -o -name '.?*' \) -prune -o -name '*.go' -exec gofmt -l {} +); \
	  [ -z "$$found" ] || { printf 'not formatted, run gofmt -w on:\n%s\n' "$$found" >&2; exit 1; }
	@go vet ./...
	@$(TOOLS)/staticcheck ./...
	@$(NPM) run check
	@echo "check: ok"

.PHONY: test
test: test-web $(if $(wildcard e2e/*),e2e) test-go ## all tests: pages, browser, Go

.PHONY: test-go
test-go: $(TOOLS)/gotestsum ## the Go tests; PACKAGES=./token/... for some of them
	@scripts/need postgresql postgresql 'the store is tested on it' || true
	@$(TOOLS)/gotestsum --format none --no-color -- $(PACKAGES)

.PHONY: test-web
test-web: web/node_modules/.installed ## the tests of the pages
	@$(NPM) test

# The browser test drives the built program with Chromium.
.PHONY: e2e
e2e: build ## the browser test, from the first visit to a paid picture
	@scripts/need chromium chromium 'the browser test drives it'
	@$(E2E)

.PHONY: race
race: $(TOOLS)/gotestsum ## the race detector over what runs concurrently
	@CGO_ENABLED=1 $(TOOLS)/gotestsum --format none --no-color -- -race $(RACE_PACKAGES)

.PHONY: attend
attend: ## every engine operation looks at its context each 100 ms of work, one package at a time
	@FLORIN_ATTEND=1 go test -count=1 -p 1 -run Attend ./internal/engine/...

.PHONY: fuzz
fuzz: ## every fuzz target, FUZZ_TIME each
	@scripts/fuzz $(FUZZ_TIME)

.PHONY: bench
bench: $(TOOLS)/benchtable ## a table of medians of 5 interleaved rounds; BENCH="-match ledger -accounts 10000,10000000"
	@scripts/need wrk wrk 'it loads the server for the benchmarks over HTTP' || true
	@$(TOOLS)/benchtable $(BENCH)

.PHONY: gallery
gallery: build ## draw docs/gallery.jpg, a contact sheet of all that the built-in engine does here
	@bin/florin engine gallery docs/gallery.jpg

.PHONY: simulate
simulate: build ## the ledger over a failing database, from seeds; ARGS="--seeds 1000000 --from 1"
	@bin/florin simulate ledger $(ARGS)

.PHONY: soak
soak: build ## kill -9 fifty times under load on both databases, then the simulator for SOAK_TIME
	@go test ./internal/sim -run Kill9 -sim.kills 50 -v -timeout 30m
	@bin/florin simulate ledger --for $(SOAK_TIME) $(ARGS)

.PHONY: vuln
vuln: $(TOOLS)/govulncheck ## known vulnerabilities; needs the network, so not part of check
	@scripts/vuln $<

PACKAGES ?= ./...
RACE_PACKAGES ?= ./token/... ./internal/queue/... ./internal/ledger/... ./internal/store/... ./internal/once/... ./internal/api/express/... ./internal/engine/pool/... ./internal/notify/... ./internal/studio/...
E2E ?= node e2e/browser.mjs
BENCH ?=
FUZZ_TIME ?= 20s
SOAK_TIME ?= 10m

##@ Care

.PHONY: clean
clean: ## remove what was built; ./data stays
	@rm -rf bin web/node_modules
	@find web/dist -mindepth 1 -not -name .gitkeep -delete 2>/dev/null || true

# The tools are a module of their own, so that what they need is no dependency of Florin.
TOOL_staticcheck := honnef.co/go/tools/cmd/staticcheck
TOOL_gotestsum := gotest.tools/gotestsum
TOOL_govulncheck := golang.org/x/vuln/cmd/govulncheck
TOOL_benchtable := ./benchtable

$(TOOLS)/benchtable: tools/benchtable/main.go

$(TOOLS)/%: tools/go.mod tools/go.sum
	@cd tools && go build -o ../$@ $(TOOL_$*)
	@touch $@
