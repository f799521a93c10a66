"""Telling senders of their slips by mail: one mail a finding, to own domains alone."""
