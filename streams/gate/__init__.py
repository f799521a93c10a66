"""The gate: mail systems ask it before a mail leaves, and it answers whether the mail passes. It fails open."""
