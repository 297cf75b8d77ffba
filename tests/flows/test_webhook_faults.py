"""What goes wrong at receivers and senders, with real processes and real sockets."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from config.kernel import dispatch, wakeup
from config.kernel.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import sender
from config.local import children
from config.schedule import SCHEDULE
from tests.architecture.code import ROOT
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.kernel.webhooks.conftest import send, states
from tests.receivers import DRIP, DRIP_HEAD, HANG, Receiver, certificates

pytestmark = [pytest.mark.flow, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 2
SENDER = """
import django
django.setup()
from config.kernel.webhooks import sender
sender.run()
"""


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    monkeypatch.setattr(wakeup, "send", lambda _task: None)
    monkeypatch.setattr(wakeup, "dispatch", lambda: None)


def start_sender(place):
    """Start a sender in a process of its own, on this test's database."""
    database = connection.settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}"
    url = f"postgresql://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", SENDER],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "KAPELL_ROLE": "worker",
            "KAPELL_OUTBOUND_ALLOWED": place,
            "KAPELL_WEBHOOK_PATIENCE": str(PATIENCE),
        },
    )


def test_a_sender_killed_while_it_posts_is_replaced_when_its_lease_is_over(settings):
    """Fault 3: the same message, under the same id, from whoever is next."""
    settings.WEBHOOK_PATIENCE = PATIENCE
    with Receiver() as receiver:
        settings.OUTBOUND_ALLOWED = frozenset({receiver.place})
        receiver.answers = [HANG, 200]
        made = webhooks.endpoint(receiver.url)
        webhooks.happen(made.channel)
        dispatch.fan_out()

        process = start_sender(receiver.place)
        assert children.wait_until(lambda: len(receiver.received) == 1, within=30)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert states() == {"leased": 1}
        assert sender.run() == 0

        lease = 4 * PATIENCE
        assert children.wait_until(lambda: sender.run() == 1, within=lease + 10, every=0.2)
        first, second = receiver.received
        assert first.id == second.id
        assert first.body == second.body
        assert second.at - first.at > lease - 1
    assert states() == {"done": 1}
    assert WebhookAttempt.objects.get().number == 2


def test_a_sender_whose_wake_up_is_lost_is_started_by_the_clock():
    """Fault 2: what is committed is sent, though nobody was told."""
    entry = SCHEDULE[sender.TASK]
    assert entry["schedule"] <= 5
    assert SCHEDULE["config.kernel.tasks.dispatch"]["schedule"] <= 5


@pytest.fixture
def street(settings, tmp_path):
    """Receivers that misbehave in every way, and one that does not."""
    place = tmp_path / "authority"
    place.write_text(certificates.AUTHORITY)
    settings.CA_FILE = str(place)
    settings.WEBHOOK_PATIENCE = PATIENCE
    manners = {
        "hangs": HANG, "drips": DRIP, "drips its head": DRIP_HEAD, "fails": 500,
        "points elsewhere": 301, "expired": 200, "gone": 410, "well": 200,
    }  # fmt: skip
    receivers = {}
    for name, answer in manners.items():
        receivers[name] = Receiver(certificates.EXPIRED if name == "expired" else "")
        receivers[name].answers = [answer]
        receivers[name].__enter__()
    settings.OUTBOUND_ALLOWED = frozenset(
        [one.place for one in receivers.values()] + [f"localhost:{receivers['expired'].port}"]
    )
    yield receivers
    for one in receivers.values():
        one.__exit__()


def test_receivers_that_misbehave_in_every_way_delay_nobody(street):
    """Fault 12: bounded each, told why, and the one that is well has everything meanwhile."""
    channel = ChannelFactory()
    made = {
        name: webhooks.endpoint(
            f"https://localhost:{one.port}/" if name == "expired" else one.url,
            channel=channel, name=name,
        )
        for name, one in street.items()
    }  # fmt: skip
    webhooks.happen(channel, 40)
    started = time.time()
    send()
    arrived = sorted(one.at - started for one in street["well"].received)
    assert len(arrived) == 40
    assert arrived[-1] < PATIENCE
    taken = WebhookAttempt.objects.values_list("took_ms", flat=True)
    assert max(taken) < 1000 * (PATIENCE + 2)

    found = WebhookAttempt.objects.values_list("endpoint__name", "http_status", "error", "detail")
    assert set(found) == {
        ("hangs", None, "timeout", ""),
        ("drips", None, "timeout", ""),
        ("drips its head", None, "timeout", ""),
        ("fails", 500, "", ""),
        ("points elsewhere", 301, "", ""),
        ("expired", None, "certificate", "certificate has expired"),
        ("gone", 410, "", ""),
        ("well", 200, "", ""),
    }
    assert street["expired"].received == []
    gone = WebhookEndpoint.objects.get(status="disabled")
    assert (gone.name, gone.disabled_cause) == ("gone", "gone")
    for name, endpoint in made.items():
        left = WebhookDelivery.objects.filter(endpoint=endpoint)
        wanted = {"well": {"done"}, "gone": {"held"}}.get(name, {"pending"})
        assert set(left.values_list("state", flat=True)) == wanted
