"""The breaker opens, probes and closes; an endpoint rests when asked, is switched off at last."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from config.kernel import dispatch
from config.kernel.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import deliveries, endpoints, sender
from tests.factories import webhooks
from tests.kernel.webhooks.conftest import make_due, send, states

pytestmark = pytest.mark.django_db(transaction=True)


def rest_of(endpoint):
    """Return the seconds an endpoint is left alone for."""
    left = F("rest_until") - Now()
    rest = WebhookEndpoint.objects.values_list(left, flat=True).get(pk=endpoint.pk)
    return rest.total_seconds() if rest else 0


class TestBreaker:
    @pytest.fixture
    def broken(self, endpoint, receiver):
        """Five failures in a row, and forty more events that wait."""
        receiver.answers = [500]
        webhooks.happen(endpoint.channel)
        for _ in range(5):
            send()
            make_due()
        webhooks.happen(endpoint.channel, 40)
        dispatch.fan_out()
        endpoint.refresh_from_db()
        return endpoint

    def test_it_opens_at_the_fifth_failure_in_a_row(self, endpoint, receiver):
        receiver.answers = [500, 500, 500, 500, 200, 500]
        for turns in (5, 4):
            webhooks.happen(endpoint.channel)
            for _ in range(turns):
                send()
                make_due()
        endpoint.refresh_from_db()
        assert (endpoint.failures, endpoint.rest_until) == (4, None)

    def test_open_it_lets_single_probes_through_further_and_further_apart(self, broken, receiver):
        assert broken.failures == 5
        for failures, rest in ((6, 60), (7, 120), (8, 240)):
            assert send() == 1
            assert send() == 0
            broken.refresh_from_db()
            assert broken.failures == failures
            assert rest_of(broken) == pytest.approx(rest, rel=0.2)
            make_due()
        assert len(receiver.received) == 8

    def test_what_waits_behind_it_uses_up_no_attempts(self, broken):
        for _ in range(6):
            send()
            make_due()
        untouched = WebhookDelivery.objects.filter(endpoint=broken, attempt=0)
        assert untouched.count() >= 34

    def test_a_probe_that_succeeds_closes_it_and_everything_flows(self, broken, receiver):
        receiver.answers = [200]
        send()
        broken.refresh_from_db()
        assert (broken.failures, broken.failing_since, broken.rest_until) == (0, None, None)
        assert states() == {"done": 41}

    def test_a_test_message_that_arrives_closes_it_too(self, broken, receiver):
        receiver.answers = [200]
        outcome = sender.ping(endpoint=WebhookEndpoint.objects.get())
        assert (outcome.http_status, outcome.error) == (200, "")
        broken.refresh_from_db()
        assert broken.failures == 0
        assert WebhookAttempt.objects.filter(delivery=None).count() == 1

    def test_one_that_does_not_arrive_counts_for_nothing(self, broken):
        outcome = sender.ping(endpoint=WebhookEndpoint.objects.get())
        assert outcome.http_status == 500
        broken.refresh_from_db()
        assert broken.failures == 5


class TestThrottling:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_the_whole_endpoint_rests_as_long_as_it_asks(self, endpoint, receiver, status):
        receiver.answers = [(status, {"Retry-After": "120"}, b""), 200]
        webhooks.happen(endpoint.channel)
        send()
        assert rest_of(endpoint) == pytest.approx(120, abs=5)
        webhooks.happen(endpoint.channel)
        assert send() == 0
        waits = WebhookDelivery.objects.filter(attempt=1).values_list(F("next_at") - Now())
        assert waits[0][0] > timedelta(seconds=100)
        make_due()
        assert send() == 2
        assert states() == {"done": 2}

    def test_it_asks_for_a_day_at_most(self, endpoint, receiver):
        receiver.answers = [(503, {"Retry-After": "9999999"}, b"")]
        webhooks.happen(endpoint.channel)
        send()
        assert rest_of(endpoint) == pytest.approx(86400, abs=5)

    def test_a_500_asks_for_nothing(self, endpoint, receiver):
        receiver.answers = [(500, {"Retry-After": "120"}, b"")]
        webhooks.happen(endpoint.channel)
        send()
        assert rest_of(endpoint) == 0


class TestSwitchedOff:
    def test_410_switches_off_at_once_and_holds_what_waits(self, endpoint, receiver):
        receiver.answers = [410]
        webhooks.happen(endpoint.channel)
        send()
        endpoint.refresh_from_db()
        assert (endpoint.status, endpoint.disabled_cause) == ("disabled", "gone")
        assert endpoint.disabled_at is not None
        assert states() == {"held": 1}
        webhooks.happen(endpoint.channel, 3)
        assert send() == 0
        assert states() == {"held": 4}
        assert len(receiver.received) == 1

    def test_so_does_five_days_without_a_success(self, endpoint, receiver):
        receiver.answers = [500]
        webhooks.happen(endpoint.channel)
        send()
        for days, status in ((4.9, "active"), (5.1, "disabled")):
            since = Now() - timedelta(days=days)
            WebhookEndpoint.objects.update(failing_since=since)
            make_due()
            send()
            endpoint.refresh_from_db()
            assert endpoint.status == status
        assert endpoint.disabled_cause == "failing"
        assert states() == {"held": 1}

    def test_a_success_in_between_starts_the_five_days_anew(self, endpoint, receiver):
        receiver.answers = [500, 200, 500]
        webhooks.happen(endpoint.channel)
        send()
        WebhookEndpoint.objects.update(failing_since=Now() - timedelta(days=6))
        make_due()
        send()
        webhooks.happen(endpoint.channel)
        send()
        endpoint.refresh_from_db()
        assert (endpoint.status, endpoint.failures) == ("active", 1)

    def test_what_was_under_way_when_it_was_switched_off_is_held_too(self, endpoint, receiver):
        receiver.answers = [500]
        webhooks.happen(endpoint.channel)
        dispatch.fan_out()
        (claimed,) = deliveries.claim(most=9)
        endpoints.pause(endpoint_id=endpoint.pk)
        deliveries.record(outcomes=[sender.post(claimed)])
        assert states() == {"held": 1}

    def test_resumed_it_gets_everything_that_was_held(self, endpoint, receiver):
        receiver.answers = [410, 200]
        webhooks.happen(endpoint.channel)
        send()
        webhooks.happen(endpoint.channel, 2)
        send()
        assert endpoints.resume(endpoint_id=endpoint.pk) == 3
        assert send() == 3
        assert states() == {"done": 3}
        endpoint.refresh_from_db()
        assert (endpoint.status, endpoint.disabled_cause, endpoint.failures) == ("active", "", 0)
