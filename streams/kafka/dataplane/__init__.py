"""Faust's consumer, fed in batches by librdkafka: what is assigned, delivered and committed."""
