"""Scores a domain against a watchlist: names, candidates, slips, scorer. Pure: no Kafka, no clock, no Faust."""
