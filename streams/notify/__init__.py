"""Notifies senders of their slips by mail: one mail per finding, only to own domains."""
