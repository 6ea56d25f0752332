# Shorthands. CI runs .ci/run, which needs no make.

SEEDS     ?= 20000
FUZZ_RUNS ?= 1000000x
COMMIT    ?= $(shell git rev-parse HEAD)
NIGHT     ?= 5h

SIDE_BY_SIDE = -strategies random,pct,pos,portfolio -timeout 20m

.PHONY: help test race lint bench fuzz mutants score mutants-quick mutants-refresh mutants-shrink scenarios-tcp hour sim sim-commit sim-night generate ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## all tests, with the rules of the house and of determinism
	go test ./...

race: ## the packages that run real goroutines, under the race detector
	.ci/run race

lint: ## the pinned linter
	.ci/run lint

bench: ## the figures of BENCHMARKS.md
	cd benchmarks && go run .

fuzz: ## whatever decodes bytes, FUZZ_RUNS inputs each (1000000x)
	FUZZ_RUNS=$(FUZZ_RUNS) .ci/run fuzz

mutants: ## put every known bug back; which are caught, after how many schedules by each strategy
	go run ./sim/mutate/mutants $(SIDE_BY_SIDE)

mutants-quick: ## the same on few seeds, compared with SCORE.md; what CI runs
	.ci/run mutants

score: ## regenerate testdata/mutants/SCORE.md, an hour or two; resumed from out/score.jsonl, remove it to measure afresh
	mkdir -p out
	go run ./sim/mutate/mutants $(SIDE_BY_SIDE) -resume out/score.jsonl -score testdata/mutants/SCORE.md
	go generate ./cmd/windtunnel/internal/campaign

mutants-refresh: ## propose edits for mutants that no longer apply
	go run ./sim/mutate/mutants -refresh

mutants-shrink: ## how small the failures of the scenarios' mutants become; the table of BENCHMARKS.md
	go run ./sim/mutate/mutants -bases 1 -shrink 10s \
		$$(grep -l '^scenario:' testdata/mutants/*.txtar | xargs -n1 basename | sed 's/.txtar//')

scenarios-tcp: ## the scenarios that need no simulated fault, over real TCP on loopback
	go test -count=1 -parallel=8 -run '^TestScenariosOverTCP$$' ./scenarios -tcp=all

hour: ## an hour of virtual time: jobs come and go, nothing stays, memory is flat
	.ci/run hour

sim: ## a campaign of SEEDS runs over all scenarios (20000)
	go run ./cmd/windtunnel sim --seeds $(SEEDS)

sim-commit: ## what pull requests run: SEEDS runs (20000), with COMMIT (HEAD) as the base seed
	go run ./cmd/windtunnel sim --seed-of $(COMMIT) --seeds $(SEEDS) $(SIM_FLAGS)

sim-night: ## what every night runs: a campaign for NIGHT (5h), resumed from what is kept in out
	go run ./cmd/windtunnel sim --for $(NIGHT) --out out $(SIM_FLAGS)

generate: ## bring generated files up to date
	go generate ./...

ci: ## everything that must hold before a change lands
	.ci/run
