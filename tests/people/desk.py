"""How tests get in, read codes off an app, and open links from mails."""

import html
import re
from datetime import datetime, timedelta

from django.core import mail
from django.test import Client
from django_otp.oath import TOTP

from config.kernel import clock
from config.kernel.models import User
from config.people import errands
from config.people.services import factors
from tests.factories.kernel import UserFactory

PASSWORD = "three-blue-teapots"
LOGIN = "/admin/login/"


def person(**details) -> User:
    """Return somebody with a password and an address."""
    user: User = UserFactory(email="wes@example.test", **details)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, name: str = "wes@example.test", password: str = PASSWORD, **extra):
    """Send name and password."""
    return client.post(LOGIN, {"username": name, "password": password}, **extra)


def with_factor(user: User) -> bytes:
    """Give somebody an app and return its key; the code of now is used up by that."""
    key = factors.new_key()
    factors.add(user=user, key=key, code=code(key), at=clock.now())
    return key


def code(key: bytes, at: datetime | None = None) -> str:
    """Return what the app shows."""
    app = TOTP(key)
    app.time = (at or clock.now()).timestamp()
    return f"{app.token():06d}"


def next_code(key: bytes) -> str:
    """Return what the app shows in half a minute, which is accepted now."""
    return code(key, clock.now() + timedelta(seconds=factors.STEP_SECONDS))


def link_in_mail() -> str:
    """Send what waits and return the path of the link in the last mail."""
    errands.send_notices(at=clock.now())
    body = html.unescape(mail.outbox[-1].body)
    found = re.search(r"https?://[^/\s]+(/admin/welcome/\S+)", body)
    assert found, body
    return found.group(1)


def is_in(client: Client) -> bool:
    """Tell whether the console opens."""
    return client.get("/admin/profile/").status_code == 200
