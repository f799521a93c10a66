"""`python -m streams` and the script `straymail` run the command line."""

import sys

from streams.early_stop import stop_at_once_on_signals

if sys.argv[1:2] == ["worker"]:
    stop_at_once_on_signals()  # before the other imports, which take a while

from streams.cli import main

if __name__ == "__main__":
    main()
