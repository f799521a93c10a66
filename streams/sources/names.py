"""What the sources are called: a table that costs nothing to read, for the command line."""

SOURCES = {
    "postfix": "postfix.Postfix",
    "exim": "exim.Exim",
    "m365": "m365.M365",
    "google": "google.Google",
    "zeek": "zeek.Zeek",
    "suricata": "suricata.Suricata",
    "mbox": "mailbox.Mbox",
    "eml": "mailbox.Messages",
    "jsonl": "jsonl.JsonLines",
}
"""What the command line calls a source, and the class that reads it."""
