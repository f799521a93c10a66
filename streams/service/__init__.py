"""What the processes that run for ever share: the worker and the gate."""
