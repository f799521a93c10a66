"""straymail's topics: their names, and how they are created, checked, watched and deleted."""
