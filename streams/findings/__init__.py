"""Windows, rules, findings and their life. Pure: time comes in as an argument."""
