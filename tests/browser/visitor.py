"""Somebody who looks at a page, and notices whatever is wrong with it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).with_name("screenshots")
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
MODES = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]

LONGEST = 2400
"""Pixels of a screenshot's height."""

_AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
_BAD = ("serious", "critical")


class Visitor:
    """A page in a browser of its own settings.

    Attributes:
        page: the page.
        complaints: errors on the console, in scripts and against the content security policy;
            dialogs, which only an injected script would open; requests to other hosts.
    """

    def __init__(
        self,
        browser: Browser,
        *,
        size: str = "desktop",
        scheme: str = "light",
        scripts: bool = True,
        now: str | None = None,
        missing: bool = False,
    ) -> None:
        """Open an empty page.

        Args:
            browser: the browser.
            size: of the screen.
            scheme: light or dark.
            scripts: whether scripts run.
            now: the browser's clock, where it stands still.
            missing: whether the address is known not to be there.
        """
        self._context = browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            bypass_csp=False,
        )
        self._missing = missing
        self._host = ""
        self.complaints: list[str] = []
        self.page: Page = self._context.new_page()
        if now:
            self.page.clock.set_fixed_time(now)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._on_dialog)
        self.page.on("request", self._on_request)

    def go(self, address: str) -> None:
        """Open an address and wait until all that belongs to it is there."""
        self._host = urlsplit(address).netloc
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def keep_screenshot(self, name: str, *, whole: bool = True) -> None:
        """Keep what is seen as an artefact: the page down to a point, or the first screen."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        if not whole:
            self.page.screenshot(path=path)
            return
        seen: dict[str, float] = self.page.evaluate(
            "longest => ({x: 0, y: 0, width: innerWidth, "
            "height: Math.min(document.documentElement.scrollHeight, longest)})",
            LONGEST,
        )
        self.page.screenshot(path=path, full_page=True, clip=seen)  # type: ignore[arg-type]

    def barriers(self, within: str = "html") -> list[str]:
        """Return what axe finds serious or critical, within a part of the page."""
        self.page.evaluate(_AXE)
        found: dict[str, Any] = self.page.evaluate(
            "within => axe.run(within, {resultTypes: ['violations']})", within
        )
        return [
            f"{rule['id']}: {rule['help']}: {json.dumps(rule['nodes'][0]['html'])[:200]} "
            f"{rule['nodes'][0]['failureSummary']}"
            for rule in found["violations"]
            if rule["impact"] in _BAD
        ]

    def is_wider_than_the_screen(self) -> bool:
        """Tell whether one would have to scroll sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def _on_console(self, message: ConsoleMessage) -> None:
        is_the_address = message.location.get("url") == self.page.url
        if message.type in ("error", "warning") and not (self._missing and is_the_address):
            self.complaints.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self._host:
            self.complaints.append(f"another host: {request.url}")
