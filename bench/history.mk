bench-backtest: $(VENV)/.dev  ## time and memory of a backtest of a million events
	$(BIN)/python -m bench.backtest

bench-import: $(VENV)/.dev  ## lines a second at which a Postfix log is imported, and records of every source
	$(BIN)/python -m bench.import_log
	$(BIN)/python -m bench.import_sources

bench-decode: $(VENV)/.dev  ## the cost of decoding a mail event
	$(BIN)/python -m bench.decode

bench-state-memory: $(VENV)/.dev  ## the memory of a million counted hits
	$(BIN)/python -m bench.state_memory

bench-alerts: $(VENV)/.dev  ## bytes of mail.alerts in a day of an organisation
	$(BIN)/python -m bench.alert_bytes $(ARGS)

.PHONY: bench-backtest bench-import bench-decode bench-state-memory bench-alerts
