"""Notes on orders: who, when, one pinned; removed for good; the timeline tells."""

import pytest

from config.kernel import errors, ids
from config.kernel.models import Event
from orders import timeline
from orders.errors import NoteNotFound, OrderNotFound
from orders.models import OrderNote
from orders.services import notes
from tests import threads
from tests.factories.orders import AT, STAFF, Shop, line


@pytest.fixture
def order(shop: Shop):
    shop.put("MUG", 1)
    return shop.place(line())


def write(order, text="Call first", **more):
    given = {"command_id": ids.new(), "actor": STAFF, "at": AT, **more}
    return notes.write(order_id=order.pk, text=text, **given)


def told(order):
    events = Event.objects.filter(subject_id=order.pk, type__startswith="order.note")
    return [timeline.tell(one.type, one.payload) for one in events.order_by("id")]


def pinned(order):
    return list(
        OrderNote.objects.filter(order=order, is_pinned=True).values_list("text", flat=True)
    )


def test_a_note_says_who_wrote_it_and_when(order):
    note = write(order, "  Call first\n")
    note.refresh_from_db()
    assert (note.text, note.actor_label, note.written_at) == ("Call first", "Ann", AT)
    assert told(order) == ["Note written"]


def test_events_never_hold_what_may_have_to_be_erased(order):
    note = write(order, "secret")
    event = Event.objects.get(type="order.noted")
    assert event.payload == {"number": order.number, "note": str(note.pk), "pinned": False}


def test_the_same_command_writes_one_note(order):
    command_id = ids.new()
    assert write(order, command_id=command_id) == write(order, command_id=command_id)
    assert told(order) == ["Note written"]


def test_there_is_one_pin(order):
    first = write(order, "first", is_pinned=True)
    second = write(order, "second", is_pinned=True)
    assert pinned(order) == ["second"]
    notes.pin(note_id=first.pk, actor=STAFF, at=AT)
    notes.pin(note_id=first.pk, actor=STAFF, at=AT)
    assert pinned(order) == ["first"]
    notes.unpin(note_id=first.pk, actor=STAFF, at=AT)
    notes.unpin(note_id=second.pk, actor=STAFF, at=AT)
    assert pinned(order) == []
    assert told(order) == [
        "Note written and pinned", "Note written and pinned", "Note pinned", "Note unpinned",
    ]  # fmt: skip


def test_a_removed_note_is_gone_and_the_timeline_knows_there_was_one(order):
    note = write(order)
    notes.remove(note_id=note.pk, actor=STAFF, at=AT)
    assert not OrderNote.objects.exists()
    assert told(order) == ["Note written", "Note removed"]
    with pytest.raises(NoteNotFound):
        notes.remove(note_id=note.pk, actor=STAFF, at=AT)


@pytest.mark.parametrize("text", ["", " \n", "x" * 4001, "a\0b"])
def test_a_note_has_something_to_say_and_not_too_much(order, text):
    with pytest.raises(errors.Invalid):
        write(order, text)
    assert not OrderNote.objects.exists()


@pytest.mark.django_db
def test_an_unknown_order_has_no_notes():
    with pytest.raises(OrderNotFound):
        notes.write(order_id=ids.new(), text="x", command_id=ids.new(), actor=STAFF, at=AT)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_notes_pinned_at_once_one_keeps_the_pin(order):
    calls = [lambda text=text: write(order, text, is_pinned=True) for text in "abcd"]
    found = threads.at_once(*calls)
    assert all(isinstance(one, OrderNote) for one in found)
    assert len(pinned(order)) == 1
