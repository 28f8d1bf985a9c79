# Everything a developer of this repository does. "make" alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO            ?= go
PKG           ?= ./...
VERSIONS      ?= 14 15 16 17 18
FUZZTIME      ?= 10s
BENCH         ?= .
SEEDS         ?= 25
TESTFLAGS     ?=
COVER_AT_LEAST := 85

# Newer releases need a newer Go than this module asks for.
LINT_VERSION := v2.12.2
VULN_VERSION := v1.1.4
LINT         := bin/golangci-lint-$(LINT_VERSION)
VULN         := bin/govulncheck-$(VULN_VERSION)
VULN_FOUND   := 3

# Packages that only tests link are not measured: their other half is the paths
# taken when a test fails or a machine lacks something.
UNMEASURED := /framework/internal/|/framework/dialect/dialecttest/

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## a static bin/migrate
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/migrate ./cmd/migrate

.PHONY: up
up: build ## apply the pending migrations (DATABASE_URL, else embedded SQLite)
	bin/migrate up

.PHONY: test
test: ## all tests, on SQLite and on a real PostgreSQL that is found or fetched
	$(GO) test $(strip $(TESTFLAGS) $(PKG))

.PHONY: test-race
test-race: ## all tests under the race detector; needs a C compiler
	@compiler="$$($(GO) env CC)"; \
	if ! command -v "$${compiler%% *}" >/dev/null; then \
		echo "the race detector needs cgo and a C compiler, and $$compiler is not there: install gcc" >&2; exit 1; \
	fi
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 $(GO) test -race -timeout 20m $(PKG)

.PHONY: test-matrix
test-matrix: ## all tests on each PostgreSQL of VERSIONS, fetched with npm once
	@for v in $(VERSIONS); do \
		echo "== PostgreSQL $$v"; \
		env -u TEST_DATABASE_URL -u PGTEST_BIN PGTEST_VERSION=$$v $(GO) test -count=1 $(PKG); \
	done

.PHONY: cover
cover: ## all tests, and at least 85 % of the framework's statements run
	@mkdir -p bin
	@$(MAKE) --no-print-directory test TESTFLAGS='-coverpkg=./framework/... -coverprofile=bin/cover.all'
	@grep -vE '$(UNMEASURED)' bin/cover.all > bin/cover.out
	@$(GO) tool cover -func=bin/cover.out | awk -v least=$(COVER_AT_LEAST) \
		'/^total:/ { got = $$3 + 0 } \
		END { printf "coverage of framework/: %.1f %%, wanted: %d %%\n", got, least; exit (got < least) }'

# The test binary by itself: go test shows nothing of a package that passes.
FAULTS = mkdir -p bin && $(GO) test -c -o bin/faults.test ./framework/internal/faults && cd framework/internal/faults && ../../../bin/faults.test -test.timeout 90m -report

.PHONY: faults
faults: ## kills, cuts, crashes and races, with SEEDS (25) seeds, as one table
	$(FAULTS) -seeds $(SEEDS)

.PHONY: faults-long
faults-long: ## the faults that take minutes, waited for as long as people would
	$(FAULTS) -slow

.PHONY: bench
bench: ## the runner beside hand-written floors, as one table; BENCH is a pattern
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 30m ./framework/migrate/bench

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (10s)
	@{ grep -rlE --include='*_test.go' '^func Fuzz' framework cmd scaffold || true; } | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		listed="$$($(GO) test -list '^Fuzz' "./$$dir")"; \
		for target in $$(grep '^Fuzz' <<<"$$listed"); do \
			echo "== $$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$dir"; \
		done; \
	done

# The cache is this checkout's own: a shared one hands out findings with the
# paths of another checkout, whose //nolint comments it then cannot read.
# Vulnerabilities are in a database on the network, which not every machine that
# builds this can reach: only what it tells of them is an error.
.PHONY: lint
lint: $(LINT) $(VULN) ## format, vet, module files, golangci-lint and known vulnerabilities
	@unformatted="$$(gofmt -l .)"; \
	if [ -n "$$unformatted" ]; then printf 'not formatted, run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) mod tidy -diff
	GOLANGCI_LINT_CACHE="$(CURDIR)/bin/lint-cache" $(LINT) run ./...
	@code=0; $(VULN) ./cmd/... >bin/govulncheck.txt 2>&1 || code=$$?; \
	if [ $$code = $(VULN_FOUND) ]; then cat bin/govulncheck.txt >&2; exit 1; fi; \
	if [ $$code != 0 ]; then \
		printf 'known vulnerabilities were not looked up; where the network is, run make vuln\n%s\n' "$$(tail -n 1 bin/govulncheck.txt)" >&2; \
	fi

.PHONY: vuln
vuln: $(VULN) ## known vulnerabilities in what is built from cmd/; needs the network
	$(VULN) ./cmd/...

# A file per version, so that a new version is installed and an old one not used.
$(LINT): PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
$(VULN): PACKAGE := golang.org/x/vuln/cmd/govulncheck@$(VULN_VERSION)
$(LINT) $(VULN):
	@mkdir -p bin
	GOBIN="$$(mktemp -d)"; \
	export GOBIN; \
	CGO_ENABLED=0 $(GO) install $(PACKAGE); \
	mv "$$GOBIN"/* $@; \
	rmdir "$$GOBIN"
