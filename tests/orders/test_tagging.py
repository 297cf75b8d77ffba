"""Tags on orders: spelt once, put on and taken off many, told by the timeline."""

import pytest

from config.kernel import tags
from config.kernel.models import Event, Tag
from orders import timeline
from orders.models import Order
from orders.services import tagging
from tests.factories.orders import AT, STAFF, Shop, line


@pytest.fixture
def orders(shop: Shop):
    shop.put("MUG", 9)
    return [shop.place(line()) for _ in range(3)]


def tag(orders, name):
    return tagging.tag(order_ids=[one.pk for one in orders], name=name, actor=STAFF, at=AT)


def untag(orders, name):
    return tagging.untag(order_ids=[one.pk for one in orders], name=name, actor=STAFF, at=AT)


def of(order):
    return Order.objects.get(pk=order.pk).tags


def test_a_tag_is_spelt_as_it_was_first_typed(orders):
    tag(orders[:1], " VIP ")
    assert tag(orders, "vip") == [orders[1].pk, orders[2].pk]
    assert [of(one) for one in orders] == [["VIP"]] * 3
    assert list(Tag.objects.values_list("name", "name_key")) == [("VIP", "vip")]


def test_a_tag_is_taken_off_whatever_its_case(orders):
    tag(orders[:2], "VIP")
    assert set(untag(orders, "vip")) == {orders[0].pk, orders[1].pk}
    assert [of(one) for one in orders] == [[], [], []]
    assert untag(orders, "never used") == []


def test_the_timeline_tells_what_changed_and_nothing_else(orders):
    tag(orders[:1], "VIP")
    tag(orders[:1], "VIP")
    untag(orders[:1], "VIP")
    events = Event.objects.filter(subject_id=orders[0].pk, type__contains="tag").order_by("id")
    told = [timeline.tell(one.type, one.payload) for one in events]
    assert told == ["Tagged: VIP", "Tag removed: VIP"]


@pytest.mark.parametrize("name", ["", "  ", "a,b", "x" * 41, "a\nb\0"])
def test_what_is_no_tag_is_refused(orders, name):
    with pytest.raises(tags.TagUnfit):
        tag(orders, name)
    assert of(orders[0]) == []


def test_new_tags_get_one_colour_after_the_other(db):  # noqa: ARG001 - the test database
    names = [f"tag {number}" for number in range(len(tags.COLOURS) + 1)]
    assert tags.canonical(names=names) == names
    colours = tags.palette().colours
    assert [colours[name] for name in names] == [*tags.COLOURS, tags.COLOURS[0]]
    assert tags.canonical(names=["TAG 0", "new", "Tag 0"]) == ["tag 0", "new"]


def test_a_tag_nobody_should_use_any_more_is_not_offered(db):  # noqa: ARG001 - the test database
    tags.canonical(names=["b", "a", "old"])
    Tag.objects.filter(name="old").update(is_offered=False)
    tags.forget()
    palette = tags.palette()
    assert palette.offered == ["a", "b"]
    assert palette.chips(["old", "gone"]) == [
        tags.Chip("old", palette.colours["old"]), tags.Chip("gone", "grey"),
    ]  # fmt: skip
