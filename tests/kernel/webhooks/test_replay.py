"""Sent again: the same id and the same bytes, whether it failed or not."""

from datetime import timedelta

import pytest

from config.kernel import clock, dispatch
from config.kernel.models import WebhookDelivery
from config.kernel.webhooks import bodies, deliveries, endpoints, replay
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.kernel.webhooks.conftest import make_due, send, states

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = clock.now() - timedelta(days=365)


def fail_for_good(endpoint, receiver):
    receiver.answers = [500]
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state="pending")
    while waiting.exists():
        make_due()
        send()
    receiver.received.clear()
    receiver.answers = [200]
    endpoints.pause(endpoint_id=endpoint.pk)
    endpoints.resume(endpoint_id=endpoint.pk)


def test_one_that_failed_is_sent_again_with_all_its_attempts(endpoint, receiver):
    (event,) = webhooks.happen(endpoint.channel)
    dispatch.fan_out()
    fail_for_good(endpoint, receiver)
    failed = WebhookDelivery.objects.get()
    assert failed.state == "parked"
    replay.one(delivery_id=failed.pk)
    assert send() == 1
    assert [one.id for one in receiver.received] == [str(event.pk)]
    assert states() == {"done": 1}
    assert failed.attempts.count() == 11


def test_one_that_was_delivered_is_sent_again_in_the_same_bytes(endpoint, receiver, monkeypatch):
    webhooks.happen(endpoint.channel)
    send()
    monkeypatch.setattr(bodies, "of", lambda *_: "written otherwise by now")
    replay.one(delivery_id=WebhookDelivery.objects.get().pk)
    send()
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)


def test_one_that_is_being_sent_is_left_alone(endpoint):
    webhooks.happen(endpoint.channel)
    dispatch.fan_out()
    (claimed,) = deliveries.claim(most=1)
    with pytest.raises(replay.BeingSent):
        replay.one(delivery_id=claimed.id)
    assert states() == {"leased": 1}


@pytest.mark.parametrize(("to", "state"), [("pause", "held"), ("remove", "done")])
def test_while_the_endpoint_is_not_sent_to_it_waits(endpoint, to, state):
    webhooks.happen(endpoint.channel)
    send()
    getattr(endpoints, to)(endpoint_id=endpoint.pk)
    delivery = WebhookDelivery.objects.get()
    if to == "pause":
        replay.one(delivery_id=delivery.pk)
    else:
        with pytest.raises(replay.BeingSent):
            replay.one(delivery_id=delivery.pk)
    assert states() == {state: 1}


class TestSince:
    def test_all_that_failed_since_then_and_of_this_endpoint(self, endpoint, receiver):
        now = clock.now()
        other = webhooks.endpoint(receiver.url)
        for channel in (endpoint.channel, other.channel):
            for days in (3, 2, 1):
                webhooks.happen(channel, at=now - timedelta(days=days))
        dispatch.fan_out()
        fail_for_good(endpoint, receiver)
        WebhookDelivery.objects.filter(endpoint=other).update(state="parked")
        assert states() == {"parked": 6}
        found = replay.since(endpoint_id=endpoint.pk, at=now - timedelta(days=2, hours=1))
        assert found == replay.Replayed(again=2, first=0)
        assert send() == 2
        assert states() == {"done": 2, "parked": 4}

    def test_a_range_comes_again_in_identical_bodies(self, endpoint, receiver):
        """Target 10."""
        webhooks.happen(endpoint.channel, 25)
        send()
        before = {one.id: one.body for one in receiver.received}
        receiver.received.clear()
        assert replay.since(endpoint_id=endpoint.pk, at=LONG_AGO).again == 0
        found = replay.since(endpoint_id=endpoint.pk, at=LONG_AGO, with_delivered=True)
        assert found == replay.Replayed(again=25, first=0)
        send()
        assert {one.id: one.body for one in receiver.received} == before

    def test_what_the_endpoint_was_never_told(self, receiver):
        channel = ChannelFactory()
        webhooks.happen(channel, 3)
        webhooks.happen(channel, 1, type="thing.sold")
        webhooks.happen(channel, 1, silent=True)
        webhooks.happen(ChannelFactory(), 1)
        dispatch.fan_out()
        late = webhooks.endpoint(receiver.url, channel=channel, types=["thing.made"])
        webhooks.happen(channel)
        send()
        assert len(receiver.received) == 1
        found = replay.since(endpoint_id=late.pk, at=LONG_AGO, with_missed=True)
        assert found == replay.Replayed(again=0, first=3)
        assert replay.since(endpoint_id=late.pk, at=LONG_AGO, with_missed=True).first == 0
        assert send() == 3
        assert states() == {"done": 4}
