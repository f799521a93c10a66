"""Windows, rules, findings and their alerts. Pure: the time is an argument."""
