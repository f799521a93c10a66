"""Matching: which watched domain a name may have been meant for, and how likely that is."""
