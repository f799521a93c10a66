"""Debian's Chromium, driven by Selenium, without any background traffic of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WAIT_SECONDS = 15
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def missing() -> str | None:
    """Why no browser can run here; None where one can."""
    for command, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if shutil.which(command) is None:
            return f"no {command} on the path: install the package {package}"
    return None


class Browser:
    """One window, from `__enter__` to `__exit__`, with an empty profile. `dark` is what the system prefers."""

    def __init__(self, width: int = 1440, height: int = 900, *, dark: bool = False, scale: int = 1) -> None:
        self._size, self._dark, self._scale = (width, height), dark, scale
        self._profile = Path(tempfile.mkdtemp(prefix="straymail-chromium-"))

    def __enter__(self) -> Browser:
        options = Options()
        options.binary_location = shutil.which("chromium") or ""
        for argument in (*ARGUMENTS, f"--user-data-dir={self._profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver") or ""))
        width, height = self._size
        metrics = {"width": width, "height": height, "deviceScaleFactor": self._scale, "mobile": False}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if self._dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", {"features": [scheme]})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            print("--- the browser's console", *self.console(), sep="\n")
        self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, address: str) -> None:
        self.driver.get(address)

    def find(self, selector: str) -> WebElement:
        """The first element, once there is one."""
        found: WebElement = self.until(lambda: next(iter(self.all(selector)), None), f"{selector} is there")
        return found

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
        """The value of the condition, once it is true."""
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: condition(), f"never: {what}")

    def texts(self, selector: str) -> list[str]:
        """The text of each matching element, all read at the same moment."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector
        )
        return found

    def script(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def wait_for(self, code: str, *arguments: Any) -> Any:
        """The value that the script passes to its last argument, a callback."""
        return self.driver.execute_async_script(code, *arguments)

    def keys(self, *keys: str) -> None:
        """Type into the element that has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def point_at(self, element: WebElement) -> None:
        ActionChains(self.driver).move_to_element(element).perform()

    def console(self) -> list[str]:
        """New lines of the browser's console: errors, refused scripts, failed requests."""
        return [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def allow_clipboard(self, origin: str) -> None:
        granted = {"origin": origin.rstrip("/"), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        self._devtools("Browser.grantPermissions", granted)

    def clipboard(self) -> str:
        text: str = self.driver.execute_async_script(
            "const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(`failed: ${e}`))"
        )
        return text

    def screenshot(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))

    def _devtools(self, command: str, parameters: dict[str, Any]) -> None:
        self.driver.execute_cdp_cmd(command, parameters)
