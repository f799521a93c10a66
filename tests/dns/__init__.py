"""Tests of what DNS says, with a real name server."""
