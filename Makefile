# Everything that a developer or CI does here. Only `make check`, `make lint` and `make long` need more than Go.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Programs need no C: without it the first build is faster, and the same on every machine. The race detector asks for it.
export CGO_ENABLED := 0
.NOTPARALLEL: # go uses all cores by itself, and mixed output helps nobody

GOLANGCI := go tool -modfile=.ci/tools.mod golangci-lint

# mains are the programs; a tree without any still builds.
mains := $(wildcard host/cmd/switchyard/main.go plugins/*/main.go)

ARGS  ?= --config examples/starknet.yaml
BENCH ?= .
COUNT ?= 1
# PKG limits test, bench and fuzz to some packages.
PKG   ?= ./...

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.* ## ' Makefile | sort | awk -F ':.* ## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.PHONY: run
run: ## build the switchyard command and start a node on signed transfers (ARGS='--config FILE')
	@mkdir -p bin
	go build -o bin/ ./host/cmd/switchyard
	bin/switchyard run $(ARGS)

.PHONY: build
build: ## compile everything, programs into bin/
	go build $(if $(mains),-o bin/ )./...

.PHONY: test
test: ## run the tests (PKG=./...); needs only Go and make
	go test -timeout 30m $(PKG)

.PHONY: bench
bench: ## run the benchmarks (PKG, BENCH=regexp, COUNT=1)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PKG)

.PHONY: fmt
fmt: ## format the code and order the imports
	$(GOLANGCI) fmt

.PHONY: lint
lint: ## run the linters of .golangci.yml
	$(GOLANGCI) run

.PHONY: clean
clean: ## remove what was built
	rm -rf bin

# From here on: the steps of make check. What a machine lacks is skipped in a line that starts with SKIP.

.PHONY: check
check: tidy format vet build lint generate shape data fuzz browser race test ## do everything that CI does

.PHONY: tidy
tidy: ## fail unless go.mod and go.sum are tidy
	go mod tidy -diff

.PHONY: format
format: ## fail unless gofmt has nothing to do
	@files=$$(gofmt -l . | grep -v '/testdata/' || true); \
	if [ -n "$$files" ]; then echo "not formatted, run make fmt:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: generate
generate: ## generate code again, and fail if that changes it
	@.ci/generate

.PHONY: shape
shape: ## print lengths, documentation and other measures of the code
	@go test -v -run '^TestMeasures$$' ./internal/repo | sed -n 's/^ *repo_test.go:[0-9]*: //p'

.PHONY: data
data: ## say where the tests find real chain data, if they do
	@dir=$${SWITCHYARD_DATA:-../shared/data}; \
	if [ -d "$$dir" ]; then echo "real chain data: $$dir"; else echo "SKIP: tests on real chain data: no folder $$dir"; fi

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (2s; PKG=./...)
	@.ci/fuzz $(or $(FUZZTIME),2s) $(PKG)

.PHONY: browser
browser: ## run the tests that need Chromium
	@.ci/browser

.PHONY: race
race: ## run the tests with the race detector
	@if command -v "$$(go env CC)" >/dev/null; then set -x; CGO_ENABLED=1 go test -race -timeout 30m $(PKG); \
	else echo "SKIP: race detector: no C compiler"; fi

.PHONY: mutants
mutants: ## put faults into the scheduler, one at a time, and say which test notices (N='13 18' for some)
	@go run ./internal/mutants $(N)

.PHONY: long
long: ## full-size tests, and each fuzz target for FUZZTIME (10m): takes hours
	SWITCHYARD_LONG=1 go test -count=1 -timeout 6h $(PKG)
	@.ci/fuzz $(or $(FUZZTIME),10m) $(PKG)
