"""What can go wrong in a way that a user can mend; each message is one sentence that says what, where and what to
do."""


class StraymailError(Exception):
    """A failure that is told in one sentence; the command ends with `exit_status`."""

    exit_status = 1


class UsageError(StraymailError):
    """The user's mistake: a bad setting, file, rule or argument."""

    exit_status = 2


class ConfigurationError(UsageError):
    """A setting that can't be used; names the setting and where it was read."""


class WatchlistError(UsageError):
    """A watchlist that can't be used; names the file, the line and the reason."""

    def __init__(self, reason: str, *, path: str, line: int | None = None) -> None:
        self.reason, self.path, self.line = reason, path, line
        where = f"{path}, line {line}" if line is not None else path
        super().__init__(f"{where}: {reason}")


class UnreadableRecord(StraymailError):
    """A record that is no valid event: it goes to the dead letters. `reason` is a short word, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


class BrokerError(StraymailError):
    """Kafka refused something for good, or couldn't be reached by a command that doesn't wait."""


class MalformedDomain(StraymailError):
    """A text that is no domain name; `reason` says why, `text` is what was given."""

    def __init__(self, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(f"{text[:80]!r} is no domain name: {reason}")
