"""A shop for the tests of fulfilment."""

from collections.abc import Iterator

import pytest

from config.kernel import callers
from inventory.queries import calendars
from tests.factories.orders import Shop


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:  # noqa: ARG001 - the test database
    """Return a channel with one empty warehouse; nothing is remembered from the test before."""
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()
