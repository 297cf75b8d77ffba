"""From what happened to what a receiver gets: once, signed, in the same bytes at every try."""

import json
import threading
import time

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now
from standardwebhooks import Webhook

from config.kernel import clock, commands, dispatch, installation
from config.kernel.models import WebhookAttempt, WebhookDelivery
from config.kernel.webhooks import deliveries, endpoints, sender
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.kernel.webhooks.conftest import make_due, send, states
from tests.receivers import CLOSE, DRIP, HANG, certificates

pytestmark = pytest.mark.django_db(transaction=True)


class TestFanOut:
    def test_every_endpoint_of_the_channel_hears_what_it_asked_for(self):
        channel = ChannelFactory()
        everything = webhooks.endpoint(channel=channel)
        some = webhooks.endpoint(channel=channel, types=["thing.sold"])
        webhooks.endpoint()
        webhooks.happen(channel)
        webhooks.happen(channel, type="thing.sold")
        dispatch.fan_out()
        heard = WebhookDelivery.objects.values_list("endpoint", "event__type")
        assert sorted(heard) == sorted(
            [(everything.pk, "thing.made"), (everything.pk, "thing.sold"), (some.pk, "thing.sold")]
        )

    def test_silent_events_and_those_of_no_channel_are_told_to_nobody(self, endpoint, woken):
        webhooks.happen(endpoint.channel, silent=True)
        webhooks.happen(None)
        dispatch.fan_out()
        assert not WebhookDelivery.objects.exists()
        assert woken == []

    def test_the_sender_is_woken_once_for_all_of_them(self, endpoint, woken):
        webhooks.happen(endpoint.channel, 20)
        dispatch.fan_out()
        assert woken == [sender.TASK]

    def test_a_second_fan_out_writes_nothing(self, endpoint):
        webhooks.happen(endpoint.channel)
        dispatch.fan_out()
        dispatch.fan_out()
        assert states() == {"pending": 1}

    def test_what_is_rolled_back_is_told_to_nobody(self, endpoint):
        @commands.command
        def work():
            webhooks.happen(endpoint.channel)
            raise KeyError

        with pytest.raises(KeyError):
            work()
        assert send() == 0
        assert not WebhookDelivery.objects.exists()

    @pytest.mark.parametrize("to", ["pause", "remove"])
    def test_what_happens_meanwhile_is_held_for_a_paused_one_only(self, endpoint, to):
        getattr(endpoints, to)(endpoint_id=endpoint.pk)
        webhooks.happen(endpoint.channel)
        assert send() == 0
        assert states() == ({"held": 1} if to == "pause" else {})

    def test_it_asks_for_the_endpoints_once_however_many_events(
        self, endpoint, django_assert_num_queries
    ):
        webhooks.happen(endpoint.channel, 30)
        with django_assert_num_queries(5):  # BEGIN, events, endpoints, rows, COMMIT
            dispatch.fan_out()


class TestDelivered:
    def test_the_receiver_can_check_who_sent_it(self, endpoint, receiver):
        (event,) = webhooks.happen(endpoint.channel)
        assert send() == 1
        (request,) = receiver.received
        told = Webhook(endpoint.shown).verify(request.body, dict(request.headers))
        assert told["id"] == request.id == str(event.pk)
        assert told["data"] == {"quantity": 2, "sku": "MUG"}
        assert request.headers["content-type"] == "application/json"
        assert "." not in request.id
        assert states() == {"done": 1}
        assert send() == 0

    def test_the_attempt_is_logged(self, endpoint, receiver):
        receiver.answers = [(202, {}, "schön\0".encode())]
        webhooks.happen(endpoint.channel)
        send()
        attempt = WebhookAttempt.objects.get()
        assert (attempt.number, attempt.http_status, attempt.error) == (1, 202, "")
        assert attempt.answer == "schön"
        assert attempt.delivery == WebhookDelivery.objects.get()
        assert 0 <= attempt.took_ms < 10_000

    def test_an_attempt_cannot_be_rewritten(self, endpoint):
        webhooks.happen(endpoint.channel)
        send()
        with pytest.raises(Exception, match="Cannot update"):
            WebhookAttempt.objects.update(http_status=500)

    def test_both_secrets_sign_while_they_rotate(self, endpoint, receiver):
        _, fresh = endpoints.rotate(endpoint_id=endpoint.pk, at=clock.now())
        webhooks.happen(endpoint.channel)
        send()
        (request,) = receiver.received
        for secret in (endpoint.shown, fresh):
            assert Webhook(secret).verify(request.body, dict(request.headers))

    def test_what_the_system_cannot_unseal_is_never_sent_unsigned(
        self, endpoint, receiver, settings
    ):
        settings.SECRET_KEY = "another" * 10
        webhooks.happen(endpoint.channel)
        send()
        assert receiver.received == []
        assert WebhookDelivery.objects.get().last_error == "secret"

    def test_an_address_is_judged_at_every_send(self, endpoint, receiver, settings):
        settings.OUTBOUND_ALLOWED = frozenset()
        webhooks.happen(endpoint.channel)
        send()
        assert receiver.received == []
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.last_error) == ("pending", "not_https")

    def test_nothing_goes_out_while_webhooks_wait_for_somebody_after_a_restore(self, endpoint):
        installation.note_restore(at=clock.now(), to=clock.now())
        webhooks.happen(endpoint.channel)
        assert send() == 0
        assert states() == {"pending": 1}
        installation.resume_webhooks()
        assert send() == 1


class TestFailing:
    def test_three_failures_then_a_success_are_four_attempts_of_one_message(
        self, endpoint, receiver
    ):
        receiver.answers = [500, 404, CLOSE, 200]
        webhooks.happen(endpoint.channel)
        waits = []
        for _ in range(4):
            send()
            make_waits(waits)
            assert send() == 0
            make_due()
        assert len({request.id for request in receiver.received}) == 1
        assert len({request.body for request in receiver.received}) == 1
        logged = WebhookAttempt.objects.order_by("number")
        assert list(logged.values_list("number", "http_status", "error")) == [
            (1, 500, ""), (2, 404, ""), (3, None, "protocol"), (4, 200, ""),
        ]  # fmt: skip
        assert states() == {"done": 1}
        assert waits == pytest.approx([5, 300, 1800], rel=0.2)

    def test_the_signature_is_fresh_at_every_try(self, endpoint, receiver, monkeypatch):
        receiver.answers = [500, 200]
        webhooks.happen(endpoint.channel)
        send()
        make_due()
        later = clock.now().replace(year=2031)
        monkeypatch.setattr(clock, "now", lambda: later)
        send()
        first, second = (one.headers["webhook-timestamp"] for one in receiver.received)
        assert int(second) > int(first) + 1_000_000

    def test_the_tenth_failure_is_the_last_and_can_be_seen(self, endpoint, receiver):
        receiver.answers = [500]
        webhooks.happen(endpoint.channel)
        for _ in range(10):
            assert send() == 1
            make_due()
        assert send() == 0
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.attempt) == ("parked", 10)
        assert (delivery.last_http_status, delivery.last_error) == (500, "")

    @pytest.mark.parametrize(
        ("answer", "error"), [(HANG, "timeout"), (DRIP, "timeout"), (CLOSE, "protocol")]
    )
    def test_what_is_no_answer_is_a_failure_with_its_reason(
        self, endpoint, receiver, settings, answer, error
    ):
        settings.WEBHOOK_PATIENCE = 1
        receiver.answers = [answer]
        webhooks.happen(endpoint.channel)
        started = time.monotonic()
        send()
        assert time.monotonic() - started < 5
        assert WebhookDelivery.objects.get().last_error == error

    def test_a_redirect_is_a_failure_and_is_not_followed(self, endpoint, receivers, receiver):
        elsewhere = receivers()
        receiver.answers = [(301, {"Location": elsewhere.url}, b"")]
        webhooks.happen(endpoint.channel)
        send()
        assert states() == {"pending": 1}
        assert elsewhere.received == []

    def test_an_expired_certificate_is_told(self, receivers, settings, tmp_path):
        place = tmp_path / "authority"
        place.write_text(certificates.AUTHORITY)
        settings.CA_FILE = str(place)
        receiver = receivers(certificate=certificates.EXPIRED)
        settings.OUTBOUND_ALLOWED = frozenset({f"localhost:{receiver.port}"})
        made = webhooks.endpoint(f"https://localhost:{receiver.port}/")
        webhooks.happen(made.channel)
        send()
        attempt = WebhookAttempt.objects.get()
        assert (attempt.error, attempt.detail) == ("certificate", "certificate has expired")

    def test_a_fault_of_ours_stops_nobody_else(self, endpoint, receivers, monkeypatch, caplog):
        other = webhooks.endpoint(receivers().url, channel=endpoint.channel)
        sign = sender.signing.headers

        def broken(**given):
            if given["secrets"] == [endpoint.shown]:
                raise ZeroDivisionError
            return sign(**given)

        monkeypatch.setattr(sender.signing, "headers", broken)
        webhooks.happen(endpoint.channel)
        assert send() == 2
        found = WebhookDelivery.objects.values_list("endpoint", "state", "last_error")
        assert set(found) == {(endpoint.pk, "pending", "internal"), (other.pk, "done", "")}
        assert "webhook not sent" in caplog.text


def make_waits(waits):
    for wait in WebhookDelivery.objects.filter(state="pending").values_list(
        F("next_at") - Now(), flat=True
    ):
        waits.append(wait.total_seconds())


class TestLeases:
    def claim(self):
        return deliveries.claim(most=100)

    def test_a_claimed_delivery_belongs_to_one_until_its_lease_is_over(self, endpoint, receiver):
        webhooks.happen(endpoint.channel)
        dispatch.fan_out()
        (first,) = self.claim()
        assert self.claim() == []
        lease = WebhookDelivery.objects.values_list(F("next_at") - Now(), flat=True).get()
        assert 50 < lease.total_seconds() <= 60
        make_due()
        (second,) = self.claim()
        assert (second.id, second.number) == (first.id, 2)
        assert second.token != first.token

        deliveries.record(outcomes=[sender.post(first)])
        assert states() == {"leased": 1}
        deliveries.record(outcomes=[sender.post(second)])
        assert states() == {"done": 1}
        assert [one.id for one in receiver.received] == [str(first.event_id)] * 2
        assert WebhookAttempt.objects.count() == 2

    def test_what_is_due_is_told_by_the_databases_clock(self, endpoint, monkeypatch):
        webhooks.happen(endpoint.channel)
        behind = clock.now().replace(year=2020)
        monkeypatch.setattr(clock, "now", lambda: behind)
        assert send() == 1

    def test_an_endpoint_has_so_many_under_way_and_no_more(self, endpoint):
        webhooks.happen(endpoint.channel, 30)
        dispatch.fan_out()
        assert len(self.claim()) == deliveries.EACH
        assert self.claim() == []

    def test_the_least_busy_endpoint_comes_first(self):
        channel = ChannelFactory()
        one, two = webhooks.endpoint(channel=channel), webhooks.endpoint(channel=channel)
        webhooks.happen(channel, 30)
        dispatch.fan_out()
        WebhookDelivery.objects.filter(endpoint=two).update(next_at=Now())
        claimed = deliveries.claim(most=6)
        assert sorted(claim.endpoint_id for claim in claimed) == sorted([one.pk, two.pk] * 3)

    def test_one_that_failed_gets_one_at_a_time(self, endpoint, receiver):
        receiver.answers = [500]
        webhooks.happen(endpoint.channel)
        send()
        webhooks.happen(endpoint.channel, 5)
        dispatch.fan_out()
        assert len(self.claim()) == 1
        assert self.claim() == []

    def test_only_one_process_sends_at_a_time(self, endpoint):
        """A second one leaves at once: it would only wait for the same receivers."""
        webhooks.happen(endpoint.channel)
        dispatch.fan_out()
        at_work, end = threading.Event(), threading.Event()

        def another():
            with sender._alone() as is_mine:
                assert is_mine
                at_work.set()
                end.wait(10)
            connections.close_all()

        other = threading.Thread(target=another)
        other.start()
        assert at_work.wait(10)
        assert sender.run() == 0
        end.set()
        other.join(10)
        assert sender.run() == 1

    def test_when_its_time_is_up_it_calls_the_next_and_waits_for_the_rest(
        self, endpoint, receiver, woken
    ):
        receiver.delay = 0.3
        webhooks.happen(endpoint.channel, 3)
        dispatch.fan_out()
        woken.clear()
        assert sender.run(seconds=0.1) == 3
        assert woken == [sender.TASK]
        assert states() == {"done": 3}


def test_a_slow_endpoint_delays_no_other(receivers, settings):
    """Fault 12 and target 12: one hangs, one is quick; the quick one has everything at once."""
    settings.WEBHOOK_PATIENCE = 3
    channel = ChannelFactory()
    hanging, quick = receivers(HANG), receivers()
    slow = webhooks.endpoint(hanging.url, channel=channel)
    webhooks.endpoint(quick.url, channel=channel)
    webhooks.happen(channel, 100)
    started = time.time()
    send()
    assert len(quick.received) == 100
    assert max(one.at for one in quick.received) - started < 2.5
    slow.refresh_from_db()
    assert slow.failures == len(hanging.received) == deliveries.EACH
    assert WebhookDelivery.objects.filter(endpoint=slow, state="pending").count() == 100


def test_a_consumer_that_shuffles_and_drops_duplicates_ends_in_the_same_state(
    endpoint, receiver, settings
):
    """Target 10: versions per aggregate and ids are enough, whatever order messages come in."""
    settings.WEBHOOK_PATIENCE = 1
    receiver.answers = [500, CLOSE, 200, 503, 200]
    (first,) = webhooks.happen(endpoint.channel)
    for version in range(2, 12):
        webhooks.happen(
            endpoint.channel, aggregate_id=first.aggregate_id, version=version,
            payload={"quantity": version},
        )  # fmt: skip
    for _ in range(6):
        send()
        make_due()
    assert states() == {"done": 11}
    told = [json.loads(one.body) for one in receiver.received]
    assert len(told) > 11
    for messages in (told, told[::-1], sorted(told, key=lambda one: one["id"][::-1])):
        known, newest = set(), {}
        for message in messages:
            if message["id"] not in known and message["version"] > newest.get("version", 0):
                newest = message
            known.add(message["id"])
        assert (newest["version"], newest["data"]) == (11, {"quantity": 11})
        assert len(known) == 11
