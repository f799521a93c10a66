"""All access to Kafka: data plane, topics, clients, security settings and the embedded broker."""
