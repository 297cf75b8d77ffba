"""Many senders at once, some of which die: no delivery is lost, few are sent twice."""

import functools
import threading
import time
from collections import Counter

import pytest
from django.db import connection

from config.kernel import clock, dispatch, wakeup
from config.kernel.models import WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import deliveries, endpoints, replay, sender
from config.kernel.webhooks.deliveries import Outcome
from tests import threads
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.kernel.webhooks.conftest import make_due, states
from tests.receivers import Receiver

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ENDPOINTS, EVENTS, WORKERS, DYING, MOST = 20, 200, 8, 4, 20


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    monkeypatch.setattr(wakeup, "send", lambda _task: None)
    monkeypatch.setattr(wakeup, "dispatch", lambda: None)


class Senders:
    """Many senders of one kind: they claim, send and record; some die after they have sent."""

    def __init__(self):
        self.sent = Counter()

    def live(self):
        """Work until every delivery was claimed by somebody."""
        while WebhookDelivery.objects.filter(token=None).exists():
            self.turn()
            time.sleep(0.001)

    def die(self, turns):
        """Work for some turns, then send once more and record nothing."""
        for _ in range(turns):
            self.turn()
        while not self.send():
            time.sleep(0.001)

    def turn(self):
        claimed = self.send()
        deliveries.record(outcomes=[well(one) for one in claimed])
        return len(claimed)

    def send(self):
        claimed = deliveries.claim(most=MOST)
        self.sent.update(one.id for one in claimed)
        return claimed


def well(claimed):
    return Outcome(
        claimed.endpoint_id, claimed.number, clock.now(), 1, claimed.id, claimed.token, 200
    )


@pytest.mark.slow
def test_four_thousand_deliveries_survive_half_of_their_senders():
    channel = ChannelFactory()
    for _ in range(ENDPOINTS):
        webhooks.endpoint(channel=channel)
    webhooks.happen(channel, EVENTS)
    while dispatch.fan_out():
        pass
    every = set(WebhookDelivery.objects.values_list("pk", flat=True))
    assert len(every) == ENDPOINTS * EVENTS

    senders = Senders()
    dying = [functools.partial(senders.die, turns) for turns in range(DYING)]
    found = threads.at_once(*dying, *[senders.live] * (WORKERS - DYING), patience=120)
    assert found == [None] * WORKERS
    lost = WebhookDelivery.objects.filter(state="leased").count()
    assert DYING <= lost <= DYING * MOST
    assert senders.turn() == 0

    make_due()
    while senders.turn():
        pass
    assert set(senders.sent) == every
    assert sum(senders.sent.values()) == len(every) + lost
    assert max(senders.sent.values()) == 2
    assert states() == {"done": len(every)}


def test_several_senders_never_exceed_an_endpoints_room():
    made = webhooks.endpoint()
    webhooks.happen(made.channel, 60)
    dispatch.fan_out()
    found = threads.at_once(*[functools.partial(deliveries.claim, most=60)] * 6)
    assert sum(map(len, found)) == deliveries.EACH
    assert WebhookDelivery.objects.filter(state="leased").count() == deliveries.EACH


def test_pausing_while_it_is_sent_to_leaves_nothing_waiting():
    with Receiver() as receiver:
        made = webhooks.endpoint(receiver.url)
        webhooks.happen(made.channel, 40)
        dispatch.fan_out()
        threads.at_once(
            functools.partial(_work, 30), functools.partial(endpoints.pause, endpoint_id=made.pk)
        )
    assert set(states()) <= {"done", "held", "leased"}
    WebhookEndpoint.objects.get(status="paused")


def _work(turns):
    for _ in range(turns):
        claimed = deliveries.claim(most=4)
        deliveries.record(outcomes=[well(one) for one in claimed])


def test_a_replay_and_a_sender_at_once_settle_it():
    """However they meet, the delivery ends done or waits for its second turn; never in between."""
    made = webhooks.endpoint()
    webhooks.happen(made.channel)
    dispatch.fan_out()
    delivery = WebhookDelivery.objects.get()
    for _ in range(10):
        found = threads.at_once(
            functools.partial(_work, 3), functools.partial(replay.one, delivery_id=delivery.pk)
        )
        assert all(one is None or isinstance(one, replay.BeingSent) for one in found)
        _work(2)
        assert states() == {"done": 1}


def test_two_fan_outs_write_each_delivery_once():
    made = webhooks.endpoint()
    webhooks.happen(made.channel, 300)
    fanned = threads.at_once(*[dispatch.fan_out] * 4)
    assert sum(fanned) == 300
    assert WebhookDelivery.objects.count() == 300


def test_two_switching_off_at_once_tell_once():
    made = webhooks.endpoint()
    webhooks.happen(made.channel, 8)
    dispatch.fan_out()
    claimed = deliveries.claim(most=8)
    gone = [Outcome(one.endpoint_id, 1, clock.now(), 1, one.id, one.token, 410) for one in claimed]
    found = threads.at_once(*[functools.partial(deliveries.record, outcomes=[one]) for one in gone])
    assert found == [None] * 8
    assert states() == {"held": 8}
    made.refresh_from_db()
    assert (made.status, made.failures) == ("disabled", 8)


def test_only_one_of_many_runs_sends():
    with Receiver() as receiver:
        receiver.delay = 0.2
        made = webhooks.endpoint(receiver.url)
        webhooks.happen(made.channel, 3)
        dispatch.fan_out()
        started = threading.Barrier(4)

        def run():
            started.wait(10)
            time.sleep(0.01)
            return sender.run()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("django.conf.settings.OUTBOUND_ALLOWED", frozenset({receiver.place}))
            found = threads.at_once(run, run, run, run)
    assert sorted(found) == [0, 0, 0, 3]
    assert len(receiver.received) == 3
    assert connection.is_usable()
