"""After a month deliveries and attempts are gone; what still waits, and every event, stays."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from config.kernel import clock
from config.kernel.models import Delivery, Event, WebhookAttempt, WebhookDelivery
from config.kernel.webhooks import endpoints, retention
from tests.factories import webhooks

pytestmark = pytest.mark.django_db


def kept(endpoint, event, state, days):
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, event=event, body="{}", state=state,
        state_since=clock.now() - timedelta(days=days),
    )  # fmt: skip
    WebhookAttempt.objects.create(
        endpoint=endpoint, delivery=delivery, took_ms=1,
        started_at=clock.now() - timedelta(days=days),
    )  # fmt: skip
    return delivery


@pytest.mark.parametrize("state", ["done", "parked", "held"])
def test_what_is_settled_goes_after_thirty_days(state):
    endpoint = webhooks.endpoint()
    young, old = webhooks.happen(endpoint.channel, 2)
    stays, _ = kept(endpoint, young, state, 29), kept(endpoint, old, state, 31)
    assert retention.forget_old() == 2
    assert list(WebhookDelivery.objects.all()) == [stays]
    assert WebhookAttempt.objects.count() == 1
    assert Event.objects.count() == 2


def test_what_still_waits_stays_and_loses_old_attempts_only():
    endpoint = webhooks.endpoint()
    (event,) = webhooks.happen(endpoint.channel)
    kept(endpoint, event, "pending", 31)
    assert retention.forget_old() == 1
    assert WebhookDelivery.objects.count() == 1


def test_more_than_a_batch_goes(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    endpoint = webhooks.endpoint()
    for event in webhooks.happen(endpoint.channel, 5):
        kept(endpoint, event, "done", 40)
    retention.forget_old()
    assert not WebhookDelivery.objects.exists()


def test_what_handlers_have_done_goes_too():
    young, old, failed = webhooks.happen(None, 3)
    for event, state, days in ((young, "done", 29), (old, "done", 31), (failed, "parked", 99)):
        at = clock.now() - timedelta(days=days)
        Delivery.objects.create(event=event, handler="one", state=state, done_at=at)
    retention.forget_old()
    assert set(Delivery.objects.values_list("event", flat=True)) == {young.pk, failed.pk}


def test_a_rotated_secret_is_forgotten_after_its_day():
    endpoint = webhooks.endpoint()
    endpoints.rotate(endpoint_id=endpoint.pk, at=clock.now())
    retention.forget_old()
    endpoint.refresh_from_db()
    assert endpoint.previous_secret
    type(endpoint).objects.update(previous_until=Now() - timedelta(seconds=1))
    retention.forget_old()
    endpoint.refresh_from_db()
    assert (endpoint.previous_secret, endpoint.previous_until) == ("", None)


def test_what_slipped_past_a_pause_is_held():
    endpoint = webhooks.endpoint()
    (event,) = webhooks.happen(endpoint.channel)
    endpoints.pause(endpoint_id=endpoint.pk)
    kept(endpoint, event, "pending", 0)
    retention.forget_old()
    assert WebhookDelivery.objects.get().state == "held"
