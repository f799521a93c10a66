"""One worker process: the two Faust agents, their steps, and what runs beside them."""
