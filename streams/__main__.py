"""`python -m streams`: the same as `straymail`."""

from streams.cli import main

main()
