"""The state topic: its records, and how a partition's state is restored from them."""
