"""One worker process: the two Faust agents, their steps, and the background tasks."""
