"""Events are written with what caused them and never change."""

import pytest
from django.db import ProgrammingError, transaction

from config.kernel import clock, commands, events, ids, wakeup
from config.kernel.actors import Actor, ActorKind
from config.kernel.models import Event

ACTOR = Actor(ActorKind.STAFF, "7", "Grace")


def facts(**changes):
    fact = {
        "type": "thing.made",
        "aggregate": "thing",
        "aggregate_id": ids.new(),
        "version": 1,
        "at": clock.now(),
        "actor": ACTOR,
        "command_id": ids.new(),
        "payload": {"quantity": 2},
    }
    return fact | changes


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(wakeup, "dispatch", lambda: calls.append(1))
    return calls


@pytest.mark.django_db(transaction=True)
class TestPublishing:
    def test_it_keeps_what_happened_to_what_when_and_by_whom(self, woken):
        fact = facts(subject_id=ids.new())
        commands.command(events.publish)(**fact)

        event = Event.objects.get()
        assert (event.type, event.aggregate, event.aggregate_id) == (
            "thing.made",
            "thing",
            fact["aggregate_id"],
        )
        assert (event.aggregate_version, event.subject_id) == (1, fact["subject_id"])
        assert (event.occurred_at, event.command_id) == (fact["at"], fact["command_id"])
        assert event.payload == {"quantity": 2}
        assert (event.actor_kind, event.actor_id, event.actor_label) == ("staff", "7", "Grace")
        assert (event.fanned_out, event.silent) == (False, False)
        assert event.transaction_id > 0
        assert woken == [1]

    def test_outside_a_command_it_is_refused(self, woken):
        with pytest.raises(RuntimeError, match="inside the command"):
            events.publish(**facts())
        assert not Event.objects.exists()
        assert woken == []

    def test_a_rolled_back_command_leaves_no_event_and_wakes_nobody(self, woken):
        @commands.command
        def work():
            events.publish(**facts())
            raise KeyError

        with pytest.raises(KeyError):
            work()
        assert not Event.objects.exists()
        assert woken == []

    def test_nothing_to_publish_is_nothing(self, woken):
        commands.command(events.publish_many)([])
        assert woken == []


@pytest.mark.django_db
class TestKept:
    @pytest.fixture
    def event(self):
        events.publish(**facts())
        return Event.objects.get()

    @pytest.mark.parametrize("changes", [{"type": "other"}, {"payload": {}}, {"silent": True}])
    def test_an_event_cannot_be_rewritten(self, event, changes):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**changes)

    def test_an_event_cannot_be_deleted(self, event):
        with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
            event.delete()

    def test_only_its_way_to_the_handlers_is_noted(self, event):
        assert Event.objects.filter(pk=event.pk).update(fanned_out=True) == 1

    def test_a_version_of_an_aggregate_exists_once(self, event):
        again = facts(aggregate_id=event.aggregate_id)
        with pytest.raises(Exception, match="event_version_once"), transaction.atomic():
            events.publish(**again)
