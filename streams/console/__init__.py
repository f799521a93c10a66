"""The live page of findings: mail.alerts and mail.typo-hits in bounded memory, read-only over HTTP."""
