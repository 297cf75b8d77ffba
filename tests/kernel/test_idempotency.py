"""One effect per key: a retry gets the first answer, other content is refused."""

import functools
import threading
from datetime import timedelta

import pytest

from config.kernel import clock, idempotency
from config.kernel.idempotency import Answer
from config.kernel.models import IdempotencyKey, LegalEntity
from tests import threads
from tests.factories.kernel import ChannelFactory, LegalEntityFactory


class TestTheHeader:
    @pytest.mark.parametrize(
        ("header", "key"),
        [
            (None, None),
            ("a", "a"),
            ('"a"', "a"),
            ("with space ~!", "with space ~!"),
            ("k" * 255, "k" * 255),
            ('"', '"'),
        ],
    )
    def test_bare_and_quoted_keys_are_read(self, header, key):
        assert idempotency.key_from(header) == key

    @pytest.mark.parametrize(
        "header", ["", '""', "k" * 256, "k" * 300, "a\tb", "a\nb", "a\x00", "ü"]
    )
    def test_odd_keys_are_refused(self, header):
        with pytest.raises(idempotency.KeyMalformed) as refused:
            idempotency.key_from(header)
        assert refused.value.status == 400


@pytest.fixture
def channel(db):  # noqa: ARG001
    return ChannelFactory.create()


def once(channel, work, key="k1", fingerprint="f1"):
    return idempotency.once(channel_id=channel.pk, key=key, fingerprint=fingerprint, work=work)


def make(code="MADE"):
    LegalEntityFactory.create(code=code)
    return Answer(201, '{"made": "yes"}', "/things/1")


def made():
    return LegalEntity.objects.filter(code__startswith="MADE").count()


def test_a_retry_gets_the_first_answer_to_the_letter_and_does_nothing(channel):
    first, again = once(channel, make), once(channel, make)

    assert first == Answer(201, '{"made": "yes"}', "/things/1")
    assert again == Answer(201, '{"made": "yes"}', "/things/1", replayed=True)
    assert made() == 1


def test_without_a_key_it_is_refused(channel):
    with pytest.raises(idempotency.KeyMissing) as refused:
        once(channel, make, key=None)
    assert refused.value.status == 400
    assert made() == 0


def test_the_same_key_with_other_content_is_refused(channel):
    once(channel, make)
    with pytest.raises(idempotency.KeyReused) as refused:
        once(channel, make, fingerprint="f2")
    assert refused.value.status == 422
    assert made() == 1


def test_another_channel_may_use_the_same_key(channel):
    once(channel, make)
    other = once(ChannelFactory.create(), functools.partial(make, "MADE2"), fingerprint="f2")
    assert not other.replayed
    assert made() == 2


def test_what_was_refused_is_not_kept_so_a_corrected_retry_succeeds(channel):
    def refuse():
        make()
        raise idempotency.errors.Invalid([])

    with pytest.raises(idempotency.errors.Invalid):
        once(channel, refuse)
    assert once(channel, functools.partial(make, "MADE2"), fingerprint="f2").status == 201
    assert IdempotencyKey.objects.count() == 1


def test_old_answers_are_forgotten_and_young_ones_kept(channel):
    for number in range(3):
        once(channel, functools.partial(make, f"MADE{number}"), key=f"k{number}")
    old = clock.now() - idempotency.KEPT - timedelta(minutes=1)
    IdempotencyKey.objects.exclude(key="k0").update(created_at=old)

    assert idempotency.forget_old() == 2
    assert IdempotencyKey.objects.get().key == "k0"
    assert idempotency.forget_old() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_while_the_first_runs_the_second_is_told_to_come_back(self):
        channel = ChannelFactory.create()
        started, finish = threading.Event(), threading.Event()

        def slowly():
            started.set()
            finish.wait(10)
            return make()

        def second():
            started.wait(10)
            try:
                return once(channel, make)
            finally:
                finish.set()

        first, early = threads.at_once(functools.partial(once, channel, slowly), second)

        assert first.status == 201
        assert isinstance(early, idempotency.KeyInUse)
        assert early.status == 409
        assert once(channel, make).replayed
        assert made() == 1

    def test_many_at_once_have_one_effect(self):
        channel = ChannelFactory.create()
        outcomes = threads.at_once(*[functools.partial(once, channel, make)] * 20)

        kinds = {type(outcome) for outcome in outcomes}
        fresh = [one for one in outcomes if isinstance(one, Answer) and not one.replayed]
        assert kinds <= {Answer, idempotency.KeyInUse}
        assert len(fresh) == 1
        assert made() == 1
