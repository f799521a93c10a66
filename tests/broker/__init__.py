"""Brokers for tests and measurements: a real Apache Kafka without containers."""
