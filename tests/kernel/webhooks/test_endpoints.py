"""Endpoints are set up, changed, rotated, paused and removed; an address inside is refused."""

from datetime import timedelta

import pytest

from config.kernel import clock, errors, gate, sealing
from config.kernel.models import WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import endpoints, errands
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory
from tests.kernel.webhooks.conftest import states

pytestmark = pytest.mark.django_db


def secrets_of(endpoint, at=None):
    endpoint.refresh_from_db()
    return endpoints.secrets_at(
        endpoint.secret, endpoint.previous_secret, endpoint.previous_until, at or clock.now()
    )


class TestCreating:
    def test_the_secret_is_shown_once_and_kept_sealed(self):
        made, secret = endpoints.create(
            channel=ChannelFactory(), name="Live", url="https://shop.example/", types=[]
        )
        kept = WebhookEndpoint.objects.get()
        assert kept == made
        assert (kept.status, kept.types, kept.version) == ("active", [], 1)
        assert secret.startswith("whsec_")
        assert secret not in kept.secret
        assert secrets_of(kept) == [secret]

    def test_it_hears_of_events_that_exist(self):
        made = webhooks.endpoint(types=["thing.sold", "thing.made"])
        assert made.types == ["thing.made", "thing.sold"]
        with pytest.raises(endpoints.UnknownEvents) as refusal:
            webhooks.endpoint(types=["thing.made", "thing.lost"])
        assert refusal.value.params == {"unknown": ["thing.lost"]}
        assert WebhookEndpoint.objects.count() == 1

    def test_a_channel_has_twenty_at_most_and_removed_ones_do_not_count(self):
        channel = ChannelFactory()
        made = [webhooks.endpoint(channel=channel) for _ in range(endpoints.MOST)]
        with pytest.raises(endpoints.TooManyEndpoints):
            webhooks.endpoint(channel=channel)
        webhooks.endpoint()
        endpoints.remove(endpoint_id=made[0].pk)
        webhooks.endpoint(channel=channel)

    @pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://shop.example/", "hello"])
    def test_an_address_that_may_not_be_called_is_not_kept(self, url):
        with pytest.raises(gate.Forbidden):
            errands.create(channel=ChannelFactory(), name="Live", url=url)
        assert not WebhookEndpoint.objects.exists()

    def test_one_that_may_is(self, monkeypatch):
        monkeypatch.setattr(gate, "_look_up", lambda *_: ("93.184.216.34",))
        made, _ = errands.create(
            channel=ChannelFactory(), name="Live", url="https://shop.example/hook"
        )
        assert made.url == "https://shop.example/hook"


class TestChanging:
    def test_name_address_and_events(self, monkeypatch):
        monkeypatch.setattr(gate, "_look_up", lambda *_: ("93.184.216.34",))
        made = webhooks.endpoint()
        errands.change(
            endpoint_id=made.pk, name="New", url="https://new.example/", types=["thing.made"]
        )
        made.refresh_from_db()
        assert (made.name, made.url, made.types) == ("New", "https://new.example/", ["thing.made"])
        assert made.version == 2

    def test_an_address_inside_changes_nothing(self):
        made = webhooks.endpoint()
        with pytest.raises(gate.Forbidden):
            errands.change(endpoint_id=made.pk, name="New", url="https://[::1]/", types=[])
        made.refresh_from_db()
        assert (made.name, made.version) == ("Web shop, live", 1)

    def test_an_unknown_one_is_not_found(self):
        made = webhooks.endpoint()
        WebhookEndpoint.objects.all().delete()
        with pytest.raises(errors.NotFound):
            endpoints.rotate(endpoint_id=made.pk, at=clock.now())


class TestRotating:
    def test_for_a_day_both_secrets_sign_the_new_one_first(self):
        made, now = webhooks.endpoint(), clock.now()
        _, fresh = endpoints.rotate(endpoint_id=made.pk, at=now)
        assert fresh != made.shown
        assert secrets_of(made, now + timedelta(hours=23, minutes=59)) == [fresh, made.shown]
        assert secrets_of(made, now + timedelta(hours=24)) == [fresh]

    def test_rotating_twice_keeps_the_two_newest(self):
        made, now = webhooks.endpoint(), clock.now()
        _, second = endpoints.rotate(endpoint_id=made.pk, at=now)
        _, third = endpoints.rotate(endpoint_id=made.pk, at=now)
        assert secrets_of(made, now) == [third, second]

    def test_without_the_systems_key_no_secret_is_read(self, settings):
        made = webhooks.endpoint()
        settings.SECRET_KEY = "another" * 10
        with pytest.raises(sealing.Unreadable):
            secrets_of(made)


class TestPausing:
    @pytest.fixture
    def waiting(self):
        made = webhooks.endpoint()
        for event in webhooks.happen(made.channel, 3):
            WebhookDelivery.objects.create(event=event, endpoint=made, body="{}", attempt=4)
        return made

    def test_what_waits_is_held_and_let_go_again_from_the_first_attempt(self, waiting):
        endpoints.pause(endpoint_id=waiting.pk)
        endpoints.pause(endpoint_id=waiting.pk)
        assert states() == {"held": 3}
        assert endpoints.resume(endpoint_id=waiting.pk) == 3
        assert endpoints.resume(endpoint_id=waiting.pk) == 0
        assert set(WebhookDelivery.objects.values_list("state", "attempt")) == {("pending", 0)}

    def test_a_removed_one_sends_nothing_and_forgets_its_secret(self, waiting):
        endpoints.remove(endpoint_id=waiting.pk)
        endpoints.remove(endpoint_id=waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.secret) == ("removed", "")
        assert states() == {"parked": 3}
        with pytest.raises(errors.InvalidTransition):
            endpoints.resume(endpoint_id=waiting.pk)
