"""Alerts for the SOC's channels (Teams, Slack, a pager, webhooks, mail), sent through Apprise."""
