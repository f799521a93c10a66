"""Judging a domain: names, watchlist, candidates, slips, scorer. Pure: no Kafka, no clock, no Faust."""
