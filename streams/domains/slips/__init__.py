"""The ways in which a hand errs, one function each."""
