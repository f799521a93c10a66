"""Runs the whole detection over past mail, in event time and without Kafka."""
