"""Fixtures every test may use."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from config.kernel import callers, clock, roles, tags
from config.kernel.admin import freshness
from config.kernel.models import Channel, User
from inventory.models import Warehouse
from inventory.queries import calendars
from tests.desk import Desk
from tests.factories.kernel import UserFactory
from tests.factories.orders import Shop

NO_CONSTANTS = Constants()
SignIn = Callable[..., Client]


def pytest_configure():
    """Let Hypothesis invent the same examples in every run, in whatever order and company.

    By itself it also draws on the constants of all modules that happen to be loaded: which ones
    these are depends on the tests that ran before in the same process.
    """
    providers._get_local_constants = lambda: NO_CONSTANTS  # it has no setting for this


def pytest_make_parametrize_id(val, argname):
    """Bytes make poor names, and packed ones differ with the clock from worker to worker."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Let each test ask for its own tags."""
    tags.forget()


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:  # noqa: ARG001 - the test database
    """Return a channel with one empty warehouse; nothing is remembered from the test before."""
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()


@pytest.fixture
def as_role(db: None) -> SignIn:  # noqa: ARG001 - the test database
    """Return what signs a new member of staff in, with a role and limits."""
    roles.sync()

    def sign_in(role: str, *, channels=(), warehouses=(), **details) -> Client:
        user: User = UserFactory(is_superuser=role == "superuser", **details)
        if role != "superuser":
            user.groups.add(Group.objects.get(name=role))
        user.channels.set(Channel.objects.filter(pk__in=[one.pk for one in channels]))
        for warehouse in Warehouse.objects.filter(pk__in=[one.pk for one in warehouses]):
            warehouse.staff.add(user)
        client = Client()
        client.force_login(user)
        session = client.session
        session[freshness.PROVED_AT] = clock.now().timestamp()
        session.save()
        client.user = user
        return client

    return sign_in


@pytest.fixture
def desk_of(
    as_role: SignIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Desk]:
    """Return what seats somebody of a role at a desk for uploads; files go to a folder apart."""
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path)
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)
    return lambda role="manager", **limits: Desk(as_role(role, **limits).user)


@pytest.fixture
def desk(desk_of: Callable[..., Desk]) -> Desk:
    """Return the desk of a manager."""
    return desk_of()
