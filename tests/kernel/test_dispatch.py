"""Each event reaches each handler, once when all is well and again when a worker dies."""

import functools
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from config.kernel import clock, commands, dispatch, events, ids
from config.kernel.actors import Actor
from config.kernel.models import Delivery, Event, LegalEntity
from tests import threads


def publish(type_="thing.made", number=1):
    rows = [
        events.row(
            type=type_,
            aggregate="thing",
            aggregate_id=ids.new(),
            version=1,
            at=clock.now(),
            actor=Actor.system("test"),
            command_id=ids.new(),
        )
        for _ in range(number)
    ]
    commands.command(events.publish_many)(rows)


@pytest.fixture
def subscribed(monkeypatch):
    """Register handlers for one test only."""
    monkeypatch.setattr(events, "_handlers", {})

    def subscribe(handler, *types, name=None):
        for type_ in types or ("thing.made",):
            events._handlers.setdefault(type_, {})[name or handler.__name__] = handler

    return subscribe


def make_due():
    """Let every waiting moment pass."""
    Delivery.objects.update(next_at=Now() - timedelta(seconds=1))


@pytest.mark.django_db
class TestHandling:
    def test_every_handler_gets_its_event_once(self, subscribed):
        seen = []
        subscribed(lambda event: seen.append(("one", event.type)), name="one")
        subscribed(lambda event: seen.append(("two", event.type)), name="two")
        publish()

        assert dispatch.waiting() == 1
        assert dispatch.deliver_due() == 2
        assert dispatch.deliver_due() == 0
        assert sorted(seen) == [("one", "thing.made"), ("two", "thing.made")]
        assert dispatch.waiting() == 0
        assert set(Delivery.objects.values_list("state", "attempt")) == {("done", 1)}

    def test_an_event_nobody_waits_for_is_done(self, subscribed):
        subscribed(lambda _event: None, "other.thing")
        publish()
        assert dispatch.deliver_due() == 0
        assert dispatch.waiting() == 0
        assert not Delivery.objects.exists()

    def test_what_a_handler_publishes_is_delivered_in_the_same_round(self, subscribed):
        seen = []
        subscribed(lambda _event: publish("thing.sold"), "thing.made", name="seller")
        subscribed(lambda event: seen.append(event.type), "thing.sold", name="buyer")
        publish()

        assert dispatch.deliver_due() == 2
        assert seen == ["thing.sold"]

    def test_more_events_than_a_batch_are_all_delivered(self, subscribed):
        seen = []
        subscribed(lambda event: seen.append(event.pk), name="one")
        publish(number=dispatch.BATCH + 7)

        assert dispatch.deliver_due() == dispatch.BATCH + 7
        assert set(seen) == set(Event.objects.values_list("pk", flat=True))

    def test_a_handler_that_is_gone_does_not_block(self, subscribed, monkeypatch):
        subscribed(lambda _event: None, name="gone")
        publish()
        dispatch.fan_out()
        monkeypatch.setattr(events, "_handlers", {})
        assert dispatch.deliver_due() == 1
        assert dispatch.waiting() == 0


@pytest.mark.django_db(transaction=True)
class TestFailing:
    def test_one_failing_handler_neither_blocks_nor_repeats_the_others(self, subscribed):
        seen = []

        def broken(_event):
            LegalEntity(code="HALF", name="half done").save()
            raise ValueError("no paper")

        subscribed(broken)
        subscribed(lambda event: seen.append(event.pk), name="well")
        publish()

        dispatch.deliver_due()
        make_due()
        dispatch.deliver_due()

        failed = Delivery.objects.get(handler="broken")
        assert len(seen) == 1
        assert (failed.state, failed.attempt) == ("pending", 2)
        assert failed.last_error == "ValueError('no paper')"
        assert not LegalEntity.objects.exists()

    def test_a_failure_waits_longer_each_time_and_is_parked_at_last(self, subscribed):
        def broken(_event):
            raise ValueError

        subscribed(broken)
        publish()
        waits = []
        for _ in range(len(dispatch.SCHEDULE) + 1):
            dispatch.deliver_due()
            delivery = Delivery.objects.annotate(now=Now()).get()
            waits.append(round((delivery.next_at - delivery.now).total_seconds()))
            assert dispatch.deliver_due() == 0
            make_due()

        assert waits[:-1] == list(dispatch.SCHEDULE)
        assert Delivery.objects.get().state == "parked"
        assert dispatch.deliver_due() == 0

    def test_it_works_again_after_the_cause_is_gone(self, subscribed):
        causes = [ValueError()]
        seen = []

        def moody(event):
            if causes:
                raise causes.pop()
            seen.append(event.pk)

        subscribed(moody)
        publish()
        dispatch.deliver_due()
        make_due()
        dispatch.deliver_due()
        assert len(seen) == 1
        assert Delivery.objects.get().state == "done"

    def test_a_killed_workers_delivery_is_taken_up_when_its_lease_is_over(self, subscribed):
        seen = []
        subscribed(lambda event: seen.append(event.pk), name="one")
        publish()
        dispatch.fan_out()
        ((delivery_id, token, attempt),) = dispatch._claim()

        assert dispatch.deliver_due() == 0
        make_due()
        assert dispatch.deliver_due() == 1
        dispatch._handle(delivery_id, token, attempt)

        assert len(seen) == 1
        assert Delivery.objects.get().state == "done"

    def test_a_late_failure_does_not_undo_the_success_of_another_worker(self, subscribed):
        subscribed(lambda _event: None, name="one")
        publish()
        dispatch.fan_out()
        ((delivery_id, token, attempt),) = dispatch._claim()
        make_due()
        dispatch.deliver_due()

        dispatch._postpone(delivery_id, token, attempt, "too late")

        assert Delivery.objects.get().state == "done"


@pytest.mark.django_db
def test_leases_follow_the_databases_clock(subscribed, monkeypatch):
    subscribed(lambda _event: None, name="one")
    ahead = clock.now() + timedelta(hours=2)
    publish()
    monkeypatch.setattr(clock, "now", lambda: ahead)
    assert dispatch.deliver_due() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_several_workers_deliver_each_event_once(subscribed):
    seen = []
    subscribed(lambda event: seen.append(event.pk), name="one")
    publish(number=200)

    handled = threads.at_once(*[functools.partial(dispatch.deliver_due)] * 4)

    assert sum(handled) == 200
    assert sorted(seen) == sorted(Event.objects.values_list("pk", flat=True))
    assert Delivery.objects.filter(state="done").count() == 200
