bench: $(VENV)/.dev $(PEERS)/.ready  ## a worker compared with the alternatives, on a real Kafka, and kills of each; a quarter of an hour; HITS=0.001 for fewer slips
	$(BIN)/python -m bench.throughput --peers $(PEERS)/bin/python $(if $(HITS),--hits $(HITS))

bench-quick: $(VENV)/.dev  ## CPU per event compared with a hand-written loop; fails where it is 25 % worse than bench/guard.json
	$(BIN)/python -m bench.quick

bench-restart: $(VENV)/.dev  ## the pause of alerts while four workers are restarted in turn; ARGS='--by SIGKILL --ids'
	$(BIN)/python -m bench.restart $(ARGS)

bench-latency: $(VENV)/.dev  ## latency from publish to the alert, at three rates
	$(BIN)/python -m bench.latency

bench-growth: $(VENV)/.dev  ## cost and memory as watchlist, hits, domains, senders and workers grow
	$(BIN)/python -m bench.growth

bench-start: $(VENV)/.dev  ## from exec to the first event; restoring the state of a million hits; --help
	$(BIN)/python -m bench.start

bench-memory-cost: $(VENV)/.dev  ## CPU per event of the scoring loop with the memory, compared with without
	$(BIN)/python -m bench.memory_cost $(ARGS)

bench-memory-worker: $(VENV)/.dev  ## CPU per event of a whole worker with and without the memory, in pairs, on a real Kafka
	$(BIN)/python -m bench.memory_worker $(ARGS)

bench-memory-restore: $(VENV)/.dev  ## from exec to ready, with a million persons to restore
	$(BIN)/python -m bench.memory_restore $(ARGS)

bench-gate: $(VENV)/.dev  ## a gate: questions/s, time of an answer, memory; two minutes
	$(BIN)/python -m bench.gate $(ARGS)

bench-console: $(VENV)/.dev  ## what the console's store takes: CPU per change and per page, memory
	$(BIN)/python -m bench.console $(ARGS)

.PHONY: bench-console bench-gate bench-memory-cost bench-memory-worker bench-memory-restore bench bench-quick bench-latency bench-restart bench-growth bench-start
