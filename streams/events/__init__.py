"""What travels: mail events, typo hits, ticks, alerts and dead letters, as bytes and as objects."""
