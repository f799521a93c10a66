"""The gate's listeners: they read what a mail system asks in each protocol, within bounds, and write the answer."""
