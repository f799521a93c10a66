"""The only door to Kafka: data plane, topics, producers, security settings, state, embedded broker."""
