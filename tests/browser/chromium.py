"""A real browser on this machine, and what a page complains about while a test uses it."""

import re
import shutil
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Response

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--no-sandbox",  # root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing outside exists
]
DESKTOP = (1440, 900)
PHONE = (390, 844)
# The browser notes each answer of 4xx; a form that is refused is an answer, not a fault.
REFUSALS = re.compile(r"Failed to load resource: .* status of (403|404|409|422|429|503)\b")


def program() -> str | None:
    """Return where the browser is, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@dataclass
class Watch:
    """Collects errors, broken promises of the content policy and answers of 5xx."""

    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSALS.search(message.text):
            where = message.location.get("url", "")
            self.complaints.append(f"console: {message.text} ({where})")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500 and answer.status != 503:
            self.complaints.append(f"{answer.status}: {answer.request.method} {answer.url}")
