"""Tables as data files: suffix list, confusables, keyboards, sample watchlists, sample mail."""
