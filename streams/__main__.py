"""`python -m streams` runs the `straymail` command."""

from streams.cli import main

main()
