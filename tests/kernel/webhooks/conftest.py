"""Receivers on loopback that may be called, and a clock of deliveries that can be pushed on."""

import contextlib
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from config.kernel import dispatch, event_types, wakeup
from config.kernel.models import WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import sender
from tests.factories import webhooks
from tests.receivers import Receiver


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """Return the tasks that somebody was woken for; nobody is."""
    tasks = []
    monkeypatch.setattr(wakeup, "send", tasks.append)
    monkeypatch.setattr(wakeup, "dispatch", lambda: None)
    return tasks


@pytest.fixture(autouse=True)
def _types(monkeypatch):
    monkeypatch.setattr(event_types, "_types", dict(event_types._types))
    webhooks.declare()


@pytest.fixture
def receivers(settings):
    """Return what opens receivers that may be called."""
    with contextlib.ExitStack() as stack:

        def open_one(*answers, delay=0.0, certificate=""):
            receiver = stack.enter_context(Receiver(certificate))
            receiver.answers, receiver.delay = answers or [200], delay
            settings.OUTBOUND_ALLOWED = settings.OUTBOUND_ALLOWED | {receiver.place}
            return receiver

        yield open_one


@pytest.fixture
def receiver(receivers):
    return receivers()


@pytest.fixture
def endpoint(receiver):
    return webhooks.endpoint(receiver.url)


def send():
    """Fan out what happened and send what is due; return how many were sent."""
    dispatch.fan_out()
    return sender.run()


def make_due():
    """Let every waiting moment pass, of deliveries and of endpoints."""
    past = Now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(state__in=["pending", "leased"]).update(next_at=past)
    WebhookEndpoint.objects.exclude(rest_until=None).update(rest_until=past)


def states():
    """Return how many deliveries are in each state."""
    found = list(WebhookDelivery.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}
