"""Decisions of people on findings: who works on one, and what came of it."""
