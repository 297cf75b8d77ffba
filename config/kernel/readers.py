"""Speaks as a member of staff reads: in their language, their time zone on every clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from config.kernel.models import User


@contextmanager
def reading(user: User) -> Iterator[None]:
    """Write and count days as this person does, within the block."""
    with timezone.override(ZoneInfo(user.time_zone)), translation.override(user.language):
        yield
