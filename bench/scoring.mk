refresh-suffixes: $(VENV)/.dev  ## the public suffix list anew, from the newest snapshot on PyPI
	$(BIN)/python bench/scoring_tables.py suffixes

refresh-confusables: $(VENV)/.dev  ## the table of look-alike characters anew
	$(BIN)/python bench/scoring_tables.py confusables

.PHONY: refresh-suffixes refresh-confusables
