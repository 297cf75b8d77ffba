"""API keys: shown once, kept as a hash, recognisable by form, expiring, revocable, replaceable."""

import re
from datetime import timedelta

import pytest
from django.forms.models import model_to_dict

from config.kernel import callers, clock, keys, scopes
from config.kernel.models import ApiKey
from tests.factories.kernel import ChannelFactory

FORM = re.compile(r"kapell_[0-9A-Za-z]{8}_[0-9A-Za-z_-]{43}[0-9A-Za-z]{6}")


@pytest.fixture
def made(db):  # noqa: ARG001
    return keys.create(channel=ChannelFactory.create(), name="first")


@pytest.fixture(autouse=True)
def _fresh_memory():
    callers.forget()


def identify(key, at=None):
    return callers.identify(key, at=at or clock.now())


class TestForm:
    def test_a_key_has_the_published_form(self, made):
        record, key = made
        assert FORM.fullmatch(key)
        assert keys.looks_right(key)
        assert keys.prefix_of(key) == record.prefix

    def test_every_key_is_another(self, made):
        record, key = made
        others = [keys.create(channel=record.channel, name="x")[1] for _ in range(20)]
        assert len({key, *others}) == 21

    def test_a_changed_letter_is_noticed_without_a_look_up(self, made):
        _, key = made
        for place in range(len(key)):
            other = "A" if key[place] != "A" else "B"
            assert not keys.looks_right(key[:place] + other + key[place + 1 :])

    @pytest.mark.parametrize("text", ["", "kapell_", "x" * 65, "kapell_" + "é" * 58, "\x00" * 65])
    def test_other_texts_are_no_keys(self, text):
        assert not keys.looks_right(text)

    def test_only_prefix_and_hash_are_stored(self, made):
        record, key = made
        secret = key[len("kapell_") + 9 :]
        stored = repr(model_to_dict(record)) + repr(vars(ApiKey.objects.get()))
        assert secret not in stored
        assert key not in stored
        assert secret not in str(record)
        assert record.digest == keys.digest(key)


class TestRights:
    @pytest.mark.parametrize("wanted", [[], ["orders:read", "orders:delete"]])
    def test_a_key_without_scopes_or_with_unknown_ones_is_not_made(self, db, wanted):  # noqa: ARG002
        channel = ChannelFactory.create()
        with pytest.raises(scopes.UnknownScope):
            keys.create(channel=channel, name="odd", scopes=wanted)
        assert not ApiKey.objects.exists()

    def test_scopes_are_kept_once_and_in_order(self, db):  # noqa: ARG002
        wanted = ["stock:write", "orders:read", "stock:write"]
        record, _ = keys.create(channel=ChannelFactory.create(), name="x", scopes=wanted)
        assert record.scopes == ["orders:read", "stock:write"]

    def test_a_key_reaches_the_warehouses_it_is_limited_to(self, db):  # noqa: ARG002
        channel = ChannelFactory.create()
        _, everywhere = keys.create(channel=channel, name="x")
        _, north = keys.create(channel=channel, name="x", warehouses=["NORTH"])

        assert identify(everywhere).may_see("MAIN")
        assert identify(north).may_see("NORTH")
        assert not identify(north).may_see("MAIN")

    def test_a_successor_may_do_the_same(self, db):  # noqa: ARG002
        record, _ = keys.create(
            channel=ChannelFactory.create(), name="x", scopes=["stock:write"], warehouses=["NORTH"]
        )
        at = clock.now()
        successor, _ = keys.rotate(key=record, at=at, until=at)
        assert (successor.scopes, successor.warehouses) == (["stock:write"], ["NORTH"])


class TestIdentify:
    def test_a_key_leads_to_its_channel_and_scopes(self, made):
        record, key = made
        caller = identify(key)
        assert caller is not None
        assert (caller.key_id, caller.channel.id) == (record.pk, record.channel_id)
        assert caller.scopes == set(scopes.USUAL)
        assert caller.actor().kind == "channel"

    def test_right_prefix_and_wrong_secret_are_nobody(self, made):
        _, key = made
        _, other = keys.create(channel=ChannelFactory.create(), name="other")
        mixed = key[:16] + other[16:]
        assert identify(mixed) is None
        assert identify(key + "x") is None

    def test_an_expired_key_is_nobody_even_while_remembered(self, made):
        record, _ = made
        ends = clock.now() + timedelta(hours=1)
        _, key = keys.create(channel=record.channel, name="short", expires_at=ends)

        assert identify(key, ends - timedelta(seconds=1)) is not None
        assert identify(key, ends) is None

    def test_a_revoked_key_is_nobody(self, made):
        record, key = made
        keys.revoke(key=record, at=clock.now())
        assert identify(key) is None

    def test_revoking_again_keeps_the_first_moment(self, made):
        record, _ = made
        first = clock.now()
        keys.revoke(key=record, at=first)
        keys.revoke(key=record, at=first + timedelta(days=1))
        record.refresh_from_db()
        assert record.revoked_at == first

    def test_a_key_of_an_inactive_channel_is_nobody(self, made):
        record, key = made
        record.channel.is_active = False
        record.channel.save()
        assert identify(key) is None

    def test_a_key_is_looked_up_once_in_half_a_minute(
        self, made, django_assert_num_queries, monkeypatch
    ):
        _, key = made
        identify(key)
        with django_assert_num_queries(0):
            identify(key)
        later = callers.time.monotonic() + callers.REMEMBERED_SECONDS + 1
        monkeypatch.setattr(callers.time, "monotonic", lambda: later)
        with django_assert_num_queries(1):
            identify(key)

    def test_a_revoked_key_works_half_a_minute_longer_at_most(self, made, monkeypatch):
        record, key = made
        identify(key)
        keys.revoke(key=record, at=clock.now())
        later = callers.time.monotonic() + callers.REMEMBERED_SECONDS + 1
        monkeypatch.setattr(callers.time, "monotonic", lambda: later)
        assert identify(key) is None

    def test_its_use_is_noted_every_five_minutes_at_most(self, made):
        record, key = made
        start = clock.now()
        noted = []
        for minutes in (0, 4, 6):
            callers.forget()
            identify(key, start + timedelta(minutes=minutes))
            noted.append(ApiKey.objects.get(pk=record.pk).last_used_at)
        assert noted == [start, start, start + timedelta(minutes=6)]


class TestRotation:
    def test_both_keys_work_until_the_old_one_ends(self, made):
        record, old = made
        at = clock.now()
        until = at + timedelta(hours=1)
        successor, new = keys.rotate(key=record, at=at, until=until)

        assert successor.scopes == record.scopes
        assert identify(old, at) is not None
        assert identify(new, at) is not None
        assert identify(old, until) is None
        assert identify(new, until) is not None

    def test_rotation_never_lengthens_a_life(self, made):
        record, _ = made
        at = clock.now()
        ends = at + timedelta(hours=1)
        short, key = keys.create(channel=record.channel, name="short", expires_at=ends)
        keys.rotate(key=short, at=at, until=at + timedelta(days=9))
        assert identify(key, ends) is None
