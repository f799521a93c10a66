"""A mail server of a test's own, without a program: its methods answer."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller


class Listener:
    """Listens from `__enter__` to `__exit__`, and calls its own methods with what it is sent, as aiosmtpd's handler."""

    def __init__(self, host: str, port: int) -> None:
        self.port = port
        self._controller = Controller(self, hostname=host, port=port, enable_SMTPUTF8=True)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
