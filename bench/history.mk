bench-backtest: $(VENV)/.dev  ## how long a backtest of a million events takes, and how much memory
	$(BIN)/python -m bench.backtest

bench-import: $(VENV)/.dev  ## how many lines a second of a Postfix log are read
	$(BIN)/python -m bench.importing

bench-decode: $(VENV)/.dev  ## what it costs to read one mail event
	$(BIN)/python -m bench.decode

bench-state-memory: $(VENV)/.dev  ## how much memory a million counted hits take
	$(BIN)/python -m bench.state_memory

.PHONY: bench-backtest bench-import bench-decode bench-state-memory
