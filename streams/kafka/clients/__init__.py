"""Plain Kafka clients: producers, a consumer, and readers of whole topics."""
