"""Tells a browser in two words people recognise: *Firefox, Windows*."""

import re

from django.utils.translation import gettext as _

# The first that is found counts: most browsers also claim to be some others.
BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("SamsungBrowser/", "Samsung"),
    ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
NAME = re.compile(r"[A-Za-z][\w.-]*")


def told(agent: str) -> str:
    """Return what a browser calls itself, as people call it."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser}, {system}"
    first = NAME.match(agent)
    return browser or system or (first.group() if first else _("Unknown browser"))
