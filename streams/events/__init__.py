"""What the topics carry: mail events, typo hits, ticks, alerts and dead letters, as bytes and as objects."""
