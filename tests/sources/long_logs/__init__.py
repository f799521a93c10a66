"""Longer logs, written by the mail systems themselves while a hundred mails go through them: what is read from each
equals what was sent, field by field."""
