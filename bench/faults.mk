faults: $(VENV)/.dev  ## break a pipeline on purpose, in every way there is, for half an hour or more; SEED=7 plays the same again
	$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED))

bench-memory: $(VENV)/.dev  ## a worker's memory while two hours of mail go through it; draws docs/images/memory.svg
	$(BIN)/python -m bench.memory

.PHONY: bench-memory faults
