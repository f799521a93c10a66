"""The watchlist, and how its file is read."""
