"""Slips: the typing mistakes, one function each."""
