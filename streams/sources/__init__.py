"""Converts mail logs, exports and mailboxes to mail events: one module per format."""
