"""The data plane: Faust's consumer, fed in batches by librdkafka, with its own ledger of what may be committed."""
