"""Errors that a user can fix; each message is one sentence that gives the problem, its place and what to do."""


class StraymailError(Exception):
    """An error that is shown as one sentence; the command ends with `exit_code`."""

    exit_code = 1


class UsageError(StraymailError):
    """The user's mistake: a bad setting, file, rule or argument."""

    exit_code = 2


class ConfigurationError(UsageError):
    """A setting that can't be used; the message names the setting and where it was read."""


class WatchlistError(UsageError):
    """A watchlist that can't be used; the message names the file, the line and the reason."""

    def __init__(self, reason: str, *, path: str, line: int | None = None) -> None:
        self.reason, self.path, self.line = reason, path, line
        where = f"{path}, line {line}" if line is not None else path
        super().__init__(f"{where}: {reason}")


class UnreadableRecord(StraymailError):
    """A record that is not valid, which becomes a dead letter. `reason` is a short word, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


class BrokerError(StraymailError):
    """Kafka refused a request permanently, or a command that doesn't wait couldn't reach it."""


class BrokerUnreachable(BrokerError):
    """No broker answered. It may do so later, where one refuses or lacks something for good."""


class ConnectionsClosed(BrokerError):
    """Brokers accept connections and close them: they restart, or, where none has answered yet, expect another
    `security.protocol`."""


class TopicMissing(BrokerError):
    """Kafka knows no such topic or partition; a broker that comes back may know it a moment later."""


class MalformedDomain(StraymailError):
    """A text that is not a domain name; `text` is the text, `reason` the rule that it breaks."""

    def __init__(self, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(f"{text[:80]!r} is not a domain name: {reason}")
