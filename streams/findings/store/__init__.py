"""The windows of one partition in memory: tallies, names, last alerts, and their packed form."""
