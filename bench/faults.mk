faults: $(VENV)/.dev  ## break a pipeline on purpose, in every known way, for half an hour or more; SEED=7 repeats a run, SCENARIOS=large-state chooses
	$(BIN)/python -m tests.faults $(SCENARIOS) $(if $(SEED),--seed $(SEED))

bench-memory: $(VENV)/.dev  ## a worker's memory while it processes two hours of mail; draws docs/images/memory.svg
	$(BIN)/python -m bench.memory

.PHONY: bench-memory faults
