"""The watchlist: what it is, and how its file is read."""
