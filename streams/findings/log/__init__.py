"""What the state topic holds, and how a state is loaded from it."""
