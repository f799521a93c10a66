"""DNS: what it says about a mistaken domain. Off by default, since questions reveal what an organisation mistypes.

The door is `lookup.Lookup`; `questions` alone uses dnspython.
"""
