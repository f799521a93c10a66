"""Plain Kafka clients: two producers, a consumer without a group, readers of whole topics, and a group's lag."""
