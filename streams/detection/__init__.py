"""From a mail event to its typo hits: pure, without a clock and without metrics."""
