faults: $(VENV)/.dev  ## break a pipeline on purpose, in every way there is; SEED=7 plays the same again
	$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED))

.PHONY: faults
