"""The whole detection over history, in event time, without Kafka."""
