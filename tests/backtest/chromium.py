"""Headless Chromium, driven through its DevTools protocol over a pair of pipes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.pipeline.worker import wait_until

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe"
)
NOT_FROM_OUTSIDE = ("file:", "data:", "about:", "blob:")


class NoChromiumError(Exception):
    """Chromium is not installed; the message says what to install."""


class Chromium:
    """Context manager for a browser with one page.

    `errors` has the console's errors and warnings, and every exception; `requests` every URL
    that the page requested.
    """

    def __init__(self) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise NoChromiumError("there is no chromium on the path: install it (chromium, fonts-dejavu-core)")
        self._program = program
        self._profile = tempfile.TemporaryDirectory(prefix="straymail-chromium-")
        self._left = b""
        self._number = 0
        self._session: str | None = None
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._is_loaded = False

    def __enter__(self) -> Chromium:
        its_in, self._out = os.pipe()
        self._in, its_out = os.pipe()
        command = ["bash", "-c", f'exec "$@" 3<&{its_in} 4>&{its_out}', "bash", self._program, *ARGUMENTS.split()]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={self._profile.name}", "about:blank"],
            pass_fds=(its_in, its_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_in)
        os.close(its_out)
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)
        wait_until(lambda: not self._has_helpers(), seconds=20, what="Chromium's helpers, which write its profile, end")
        self._profile.cleanup()

    def _has_helpers(self) -> bool:
        """Whether a process with this profile still runs: some outlive the first one for a moment."""
        profile = self._profile.name.encode()
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if profile in command.read_bytes():
                    return True
            except OSError:
                continue  # that process has just ended
        return False

    @property
    def outside(self) -> list[str]:
        """Requested URLs that lead outside."""
        return [address for address in self.requests if not address.startswith(NOT_FROM_OUTSIDE)]

    def open(self, page: Path, width: int) -> None:
        """Load a file in a window of this width in pixels, and wait until it is loaded."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        self._is_loaded = False
        self._ask("Page.navigate", url=page.resolve().as_uri())
        while not self._is_loaded:
            self._note(next(self._messages()))

    def value(self, expression: str) -> Any:
        """Value of a JavaScript expression on the page."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def screenshot(self, path: Path, height: int | None = None) -> None:
        """Save a picture of the page, all of it or only this many pixels from its top."""
        width = self.value("document.documentElement.clientWidth")
        whole = self.value("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(whole, height or whole), "scale": 1}
        shot = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            asked["sessionId"] = self._session
        os.write(self._out, json.dumps(asked).encode() + b"\0")
        for message in self._messages():
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)
        raise AssertionError("Chromium ended")

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            message, end, rest = self._left.partition(b"\0")
            if end:
                self._left = rest
                yield json.loads(message)
            else:
                part = os.read(self._in, 1 << 16)
                assert part, "Chromium ended"
                self._left += part

    def _note(self, message: dict[str, Any]) -> None:
        method, details = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])
        elif method == "Page.loadEventFired":
            self._is_loaded = True
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(details["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.errors.append(str(details["args"]))
        elif method == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.errors.append(details["entry"]["text"])
