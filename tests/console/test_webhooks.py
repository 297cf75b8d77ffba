"""Webhooks in the console: set up, tested, rotated, paused, watched, sent again."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from standardwebhooks import Webhook

from config.kernel import audit, clock, dispatch, gate, wakeup
from config.kernel.actors import Actor
from config.kernel.admin import freshness
from config.kernel.models import (
    Change,
    Delivery,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from config.kernel.webhooks import endpoints, sender
from tests.console import pages
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import line
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/kernel/webhookendpoint/"
LOG = "/admin/kernel/webhookdelivery/"
FAILED = "/admin/kernel/delivery/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    monkeypatch.setattr(wakeup, "send", lambda _task: None)
    monkeypatch.setattr(wakeup, "dispatch", lambda: None)


@pytest.fixture
def receiver(settings):
    with Receiver() as one:
        settings.OUTBOUND_ALLOWED = frozenset({one.place})
        yield one


@pytest.fixture
def endpoint(shop, receiver):
    return webhooks.endpoint(receiver.url, channel=shop.channel)


def send():
    dispatch.fan_out()
    return sender.run()


def add(client, channel, **given):
    opened = client.get(f"{LIST}new/")
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened.content.decode()))
    answers = {"channel": channel.pk, "name": "Live", "url": "https://shop.example/", **given}
    return client.post(f"{LIST}new/", {**fixed, **answers}, follow=True)


class TestSettingUp:
    def test_a_new_one_shows_its_secret_once(self, as_role, shop, receiver):
        client = as_role("administrator")
        answer = add(client, shop.channel, url=receiver.url, types=["order.placed"])
        (secret,) = set(SECRET.findall(answer.content.decode()))
        assert "no-store" in answer.headers["Cache-Control"]
        made = WebhookEndpoint.objects.get()
        assert (made.name, made.url, made.types) == ("Live", receiver.url, ["order.placed"])
        assert endpoints.secrets_at(made.secret, "", None, clock.now()) == [secret]
        assert secret not in client.get(pages.page_of(made)).content.decode()

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("https://127.0.0.1/hook", "The host lies inside a private network."),
            ("http://shop.example/", "The address must begin with https://."),
            ("https://a@shop.example/", "Leave user name and password out of the address."),
        ],
    )
    def test_an_address_inside_is_refused_with_its_reason(self, as_role, shop, url, told):
        answer = add(as_role("administrator"), shop.channel, url=url)
        assert answer.status_code == 422
        assert told in pages.text(answer)
        assert not WebhookEndpoint.objects.exists()

    def test_another_channel_cannot_be_chosen(self, as_role, shop):
        client = as_role("administrator", channels=[shop.channel])
        answer = add(client, ChannelFactory())
        assert "Select a valid choice" in pages.text(answer)
        assert not WebhookEndpoint.objects.exists()

    def test_the_form_offers_what_channels_hear_of(self, as_role, shop):
        told = pages.text(as_role("administrator").get(f"{LIST}new/"))
        assert shop.channel.name in told
        assert "order.shipped – Units left the building." in told
        assert "stock.gained" not in told

    def test_changing_it_keeps_the_secret(self, as_role, endpoint, monkeypatch):
        monkeypatch.setattr(gate, "_look_up", lambda *_: ("93.184.216.34",))
        answer = pages.press(
            as_role("administrator"), endpoint, "edit",
            name="New", url="https://new.example/", types=["order.shipped"],
        )  # fmt: skip
        assert "Saved." in pages.text(answer)
        before = endpoint.secret
        endpoint.refresh_from_db()
        assert (endpoint.name, endpoint.url, endpoint.secret) == (
            "New", "https://new.example/", before,
        )  # fmt: skip

    def test_its_history_tells_what_changed_and_never_the_secret(self, endpoint):
        with audit.acting(Actor("staff", "7", "Ann")):
            endpoints.rotate(endpoint_id=endpoint.pk, at=clock.now())
            endpoints.pause(endpoint_id=endpoint.pk)
        rotated, paused = Change.objects.filter(object_id=str(endpoint.pk)).order_by("pk")[1:]
        assert rotated.changes["secret"] == []
        assert (paused.changes, paused.actor_label) == ({"status": ["active", "paused"]}, "Ann")


class TestSecret:
    def test_rotated_it_is_shown_once_and_both_sign(self, as_role, endpoint, receiver, shop):
        client = as_role("administrator")
        answer = pages.press(client, endpoint, "rotate")
        (secret,) = set(SECRET.findall(answer.content.decode()))
        assert "the old one still signs until" in pages.text(client.get(pages.page_of(endpoint)))
        webhooks.happen(shop.channel)
        send()
        for one in (secret, endpoint.shown):
            assert Webhook(one).verify(receiver.received[0].body, receiver.received[0].headers)

    def test_it_is_an_administrators_alone(self, as_role, endpoint):
        client = as_role("manager")
        for button in ("rotate", "edit", "pause", "remove", "test"):
            address = pages.page_of(endpoint).replace("change/", f"{button}/")
            assert client.post(address).status_code == 403
        assert client.get(f"{LIST}new/").status_code == 403

    @pytest.mark.parametrize("button", ["rotate", "edit"])
    def test_whoever_left_the_desk_is_asked_for_the_password_again(self, as_role, endpoint, button):
        client = as_role("administrator")
        session = client.session
        del session[freshness.PROVED_AT]
        session.save()
        answer = client.post(pages.page_of(endpoint).replace("change/", f"{button}/"))
        assert answer.status_code == 302
        assert "next=" in answer.headers["Location"]
        before = endpoint.secret
        endpoint.refresh_from_db()
        assert endpoint.secret == before


class TestTesting:
    def test_a_message_that_arrives(self, as_role, endpoint, receiver):
        told = pages.text(pages.press(as_role("administrator"), endpoint, "test"))
        assert "Arrived Accepted (200)." in told
        assert "thank you" in told
        (request,) = receiver.received
        assert Webhook(endpoint.shown).verify(request.body, request.headers)["type"] == "ping"

    def test_one_that_does_not(self, as_role, endpoint, receiver):
        receiver.answers = [301]
        told = pages.text(pages.press(as_role("administrator"), endpoint, "test"))
        assert "Did not arrive It points elsewhere (301); redirects are not followed." in told

    def test_a_foreign_answer_is_shown_as_text(self, as_role, endpoint, receiver):
        receiver.answers = [(500, {}, b"<script>alert(1)</script>")]
        answer = pages.press(as_role("administrator"), endpoint, "test")
        assert "<script>alert" not in answer.content.decode()


class TestWatching:
    @pytest.mark.usefixtures("endpoint")
    def test_the_list_tells_how_each_fares(self, as_role, receiver, shop):
        webhooks.happen(shop.channel)
        send()
        receiver.answers = [500]
        webhooks.happen(shop.channel)
        send()
        told = pages.text(as_role("manager").get(LIST))
        assert "Web shop, live" in told
        assert "Failing 1 failure in a row, since" in told
        assert "Refused (500)." in told
        assert "50 % failed" in told

    def test_the_number_of_statements_does_not_grow(
        self, as_role, endpoint, django_assert_max_num_queries
    ):
        client = as_role("manager")
        for _ in range(8):
            webhooks.endpoint(channel=endpoint.channel)
        client.get(LIST)
        with django_assert_max_num_queries(12):
            client.get(LIST)

    def test_whoever_may_not_change_it_sees_the_host_only(self, as_role, endpoint):
        address = "https://hooks.example/T0K3N"
        WebhookEndpoint.objects.update(url=address)
        for role, shown in (("manager", False), ("administrator", True)):
            told = pages.text(as_role(role).get(pages.page_of(endpoint)))
            assert ("T0K3N" in told) is shown
            assert "hooks.example" in told

    def test_a_switched_off_one_says_why_and_what_to_do(self, as_role, endpoint, receiver, shop):
        receiver.answers = [410, 200]
        webhooks.happen(shop.channel)
        send()
        client = as_role("administrator")
        told = pages.text(client.get(pages.page_of(endpoint)))
        assert "It answered that it is gone for good (410)." in told
        assert "What happens is held for 30 days." in told
        banner = pages.text(client.get("/admin/"))
        assert "The webhook “Web shop, live” was switched off." in banner
        answer = pages.press(client, endpoint, "resume")
        assert "Resumed; 1 delivery that was held goes out now." in pages.text(answer)
        assert send() == 1
        assert "switched off" not in pages.text(client.get("/admin/"))

    def test_paused_and_removed(self, as_role, endpoint, shop):
        client = as_role("administrator")
        assert "Paused." in pages.text(pages.press(client, endpoint, "pause"))
        webhooks.happen(shop.channel)
        send()
        assert "Held 1" in pages.text(client.get(pages.page_of(endpoint)))
        answer = pages.press(client, endpoint, "remove")
        assert "The webhook is removed." in pages.text(answer)
        assert "No webhook yet" in pages.text(client.get(LIST))

    def test_another_channels_is_a_404_like_an_unknown_one(self, as_role, endpoint, shop):
        webhooks.happen(shop.channel)
        send()
        client = as_role("administrator", channels=[ChannelFactory()])
        delivery = WebhookDelivery.objects.get()
        assert "Web shop, live" not in pages.text(client.get(LIST))
        for record, button in ((endpoint, "rotate"), (delivery, "replay")):
            address = pages.page_of(record)
            assert client.get(address).status_code == 404
            assert client.post(address.replace("change/", f"{button}/")).status_code == 404
        assert "order.placed" not in pages.text(client.get(LOG))

    @pytest.mark.parametrize("role", ["sales", "warehouse", "finance"])
    def test_others_see_none_of_it(self, as_role, role):
        client = as_role(role)
        for address in (LIST, LOG, FAILED):
            assert client.get(address).status_code == 403


class TestLog:
    @pytest.fixture
    def order(self, shop, endpoint):  # noqa: ARG002 - it hears of the order
        shop.put("MUG", 5)
        order = shop.place(line())
        send()
        return order

    def test_an_orders_messages_are_found_by_its_number(self, as_role, order, shop):
        shop.place(line())
        send()
        client = as_role("manager")
        found = pages.text(client.get(LOG, {"q": order.number.lower()}))
        assert found.count(order.number) >= 2
        assert "order.placed" in found
        assert "SO-" not in found.replace(order.number, "")
        event = WebhookDelivery.objects.first().event_id
        assert order.number in pages.text(client.get(LOG, {"q": str(event)}))
        assert order.number not in pages.text(client.get(LOG, {"q": "SO-1"}))

    def test_a_delivery_shows_what_was_sent_and_what_came(self, as_role, order):
        delivery = WebhookDelivery.objects.filter(event__type="order.placed").get()
        told = pages.text(as_role("manager").get(pages.page_of(delivery)))
        assert f'"number": "{order.number}"' in told
        assert "Accepted (200)." in told
        assert "thank you" not in told
        assert "thank you" in pages.text(as_role("administrator").get(pages.page_of(delivery)))

    def test_filters(self, as_role, order, endpoint):
        client = as_role("manager")
        assert order.number in pages.text(client.get(LOG, {"endpoint": str(endpoint.pk)}))
        assert order.number not in pages.text(client.get(LOG, {"state__exact": "parked"}))
        assert order.number not in pages.text(client.get(LOG, {"endpoint": "nonsense"}))

    @pytest.mark.usefixtures("order")
    def test_one_is_sent_again_under_its_id(self, as_role, receiver):
        delivery = WebhookDelivery.objects.filter(event__type="order.placed").get()
        answer = pages.press(as_role("manager"), delivery, "replay")
        assert "It is sent again under its old id." in pages.text(answer)
        receiver.received.clear()
        send()
        assert [one.id for one in receiver.received] == [str(delivery.event_id)]


class TestFailed:
    def test_nothing(self, as_role):
        assert "Nothing has failed" in pages.text(as_role("manager").get(FAILED))

    def test_what_gave_up_outside_is_sent_again_all_at_once(
        self, as_role, endpoint, receiver, shop
    ):
        webhooks.happen(shop.channel, 3, at=clock.now() - timedelta(days=4))
        dispatch.fan_out()
        WebhookDelivery.objects.update(state="parked", state_since=Now())
        client = as_role("manager")
        assert "Web shop, live 3" in pages.text(client.get(FAILED))
        assert "Failed deliveries sync_problem 3 gave up" in pages.text(client.get("/admin/"))
        opened = client.get(pages.page_of(endpoint).replace("change/", "replay/"))
        (since,) = re.findall(r'name="since" value="([^"]+)"', opened.content.decode())
        answer = pages.press(client, endpoint, "replay", since=since)
        assert "3 deliveries are sent again." in pages.text(answer)
        assert send() == 3
        assert len(receiver.received) == 3
        assert "Nothing has failed" in pages.text(client.get(FAILED))

    def test_what_gave_up_inside_is_tried_again(self, as_role, shop):
        (event,) = webhooks.happen(shop.channel, type="order.shipped")
        failed = Delivery.objects.create(
            event=event, handler="invoices.issue", state="parked", last_error="ValueError('x')"
        )
        client = as_role("manager")
        told = pages.text(client.get(FAILED))
        assert "Units left the building." in told
        assert "invoices.issue ValueError('x')" in told
        assert "It is tried again now." in pages.text(pages.press(client, failed, "retry"))
        failed.refresh_from_db()
        assert (failed.state, failed.attempt) == ("pending", 0)

    def test_what_was_retried_meanwhile_is_left_alone(self, shop):
        (event,) = webhooks.happen(shop.channel)
        failed = Delivery.objects.create(event=event, handler="one", state="done")
        assert dispatch.retry(delivery_id=failed.pk) is False
        assert WebhookAttempt.objects.count() == 0
