"""Thin Faust agents: decode, call the pure code, send."""
