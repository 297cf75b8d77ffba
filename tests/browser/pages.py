"""What tests ask of a page in the browser."""

from playwright.sync_api import Page

TOO_WIDE = """
() => [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => one.outerHTML.slice(0, 120))
"""


def assert_fits(page: Page) -> None:
    """Nobody has to scroll the page sideways."""
    width = page.evaluate("() => document.documentElement.scrollWidth")
    window = page.evaluate("() => document.documentElement.clientWidth")
    assert width <= window, page.evaluate(TOO_WIDE)[:3]


def focused(page: Page) -> str:
    """Return the name (else id) of the element that has the cursor."""
    name: str = page.evaluate("() => document.activeElement.name || document.activeElement.id")
    return name
