"""Mail logs to mail events: one module a format."""
