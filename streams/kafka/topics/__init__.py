"""The topics of straymail: their names, and how they are made, checked, watched and deleted."""
