"""straymail: finds mail sent to a mistyped domain, in a stream of mail events on Kafka."""

__version__ = "0.1.0"
