"""Opens the console in a real browser, signed in, at the width of a desk and of a phone."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium

# The browser's event loop stays in the thread; what Django does there is not asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PATIENCE = 15_000  # milliseconds; a busy machine is no failure
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder: it takes seconds and needs real transactions."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return how the machine's own browser is started; without one the test is skipped."""
    program = chromium.program()
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    return {**browser_type_launch_args, "executable_path": program, "args": chromium.FLAGS}


@pytest.fixture
def watch() -> Iterator[chromium.Watch]:
    """Return what listens to every page of the test; a complaint at the end fails the test."""
    watch = chromium.Watch()
    yield watch
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def open_page(
    browser: Browser,
    live_server: Any,
    as_role: Callable[..., Any],
    watch: chromium.Watch,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[Open]:
    """Return what opens a page of a given width; `role=None` is somebody not signed in."""
    contexts: list[BrowserContext] = []

    def open_page(role: str | None, size: tuple[int, int], **limits: Any) -> Page:
        address = live_server.url.replace("localhost", "127.0.0.1")
        context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == chromium.PHONE,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("page", watch.over)
        if role is not None:
            session = as_role(role, **limits).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        return context.new_page()

    yield open_page
    _keep_pictures(request.node, contexts, tmp_path)
    for context in contexts:
        context.close()


@pytest.fixture
def desktop(open_page: Open) -> Open:
    """Return what opens a page at a desk: `desktop("sales")`, `desktop("picker", warehouses=…)`."""
    return lambda role, **limits: open_page(role, chromium.DESKTOP, **limits)


@pytest.fixture
def phone(open_page: Open) -> Open:
    """Return what opens a page on a phone."""
    return lambda role, **limits: open_page(role, chromium.PHONE, **limits)


def _keep_pictures(test: Any, contexts: list[BrowserContext], folder: Path) -> None:
    """Show what was on the screen when a test failed; pytest clears the folder by and by."""
    outcome = getattr(test, "rep_call", None)
    if outcome is None or not outcome.failed:
        return
    for number, page in enumerate(page for context in contexts for page in context.pages):
        picture = folder / f"failed-{number}.png"
        page.screenshot(path=picture, full_page=True)
        test.add_report_section("teardown", "screenshot", f"{picture} ({page.url})")
