"""Orders changed by the thousand: what becomes of each, and that none is changed twice."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from config.kernel import clock, ids, jobs
from config.kernel.jobs import telling
from config.kernel.models import Event, Job, User
from inventory.models import Reservation
from orders.models import Hold, Order
from orders.services import cancellation, holds, tagging
from tests import workers
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.factories.orders import AT, STAFF, Shop, counters, line


@pytest.fixture
def person(db):  # noqa: ARG001 - the test database
    user = UserFactory(first_name="Ann", last_name="Lead")
    wanted = ["hold_order", "release_hold", "cancel_order", "note_order"]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return User.objects.get(pk=user.pk)


def begin(person, kind, orders, /, **params):
    chosen = Order.objects.filter(pk__in=[one.pk for one in orders]).order_by("pk")
    return jobs.start(
        kind=kind, user=person, params=params, command_id=ids.new(), rows=chosen,
        label="number", at=clock.now(),
    )  # fmt: skip


def run(person, kind, orders, /, **params):
    job = begin(person, kind, orders, **params)
    jobs.work()
    job.refresh_from_db()
    assert job.status == "done"
    return job


def results(job):
    """What became of each order, by its place in the choice."""
    return [
        (row.outcome, telling.sentence(job, row.code, row.params))
        for row in job.rows.order_by("pk")
    ]


def place(shop, number):
    shop.put("MUG", number)
    return [shop.place(line()) for _ in range(number)]


def events(type_):
    return Event.objects.filter(type=type_)


def test_orders_are_put_on_hold_and_taken_back_from_the_warehouse(shop: Shop, person):
    free, held, gone = place(shop, 3)
    holds.place(order_ids=[held.pk], reason="before", actor=STAFF, at=AT)
    cancellation.cancel(order_id=gone.pk, reason="x", actor=STAFF, at=AT)
    job = run(person, "orders.hold", [free, held, gone], reason="Wrong price")
    assert results(job) == [
        ("done", ""),
        ("unchanged", "It was on hold already."),
        ("failed", "The order is not open any more."),
    ]
    free.refresh_from_db()
    assert (free.is_held, free.released_at) == (True, None)
    hold = Hold.objects.get(order=free)
    assert (hold.params, hold.placed_by) == ({"reason": "Wrong price"}, "Ann Lead")
    assert telling.asked(job) == "Reason: Wrong price"


def test_holds_are_released_for_one_cause_or_for_all(shop: Shop, person):
    shop.put("MUG", 4)
    both = shop.place(line("MUG"), line("NOPE"))
    manual, free = shop.place(line()), shop.place(line())
    holds.place(order_ids=[both.pk, manual.pk], reason="x", actor=STAFF, at=AT)
    job = run(person, "orders.release", [both, manual, free], kind="manual", reason="Checked")
    assert results(job) == [
        ("done", ""), ("done", ""), ("unchanged", "It was not on hold for this."),
    ]  # fmt: skip
    still = Hold.objects.filter(status="open").values_list("order", "kind")
    assert list(still) == [(both.pk, "unknown_product")]
    run(person, "orders.release", [both], kind="", reason="Go")
    assert not Hold.objects.filter(status="open").exists()


def test_orders_are_cancelled_and_their_stock_given_back(shop: Shop, person):
    level = shop.put("MUG", 0)
    first, again, shipped = place(shop, 3)
    cancellation.cancel(order_id=again.pk, reason="x", actor=STAFF, at=AT)
    shipped.lines.update(reserved=0, shipped=1)
    job = run(person, "orders.cancel", [first, again, shipped], reason="Recall")
    assert results(job) == [
        ("done", ""),
        ("unchanged", "It was cancelled already."),
        ("failed", "What is to be cancelled has left the building."),
    ]
    assert counters(level)[2] == 1
    assert (job.done, job.failed) == (2, 1)


def test_tags_are_put_on_and_taken_off(shop: Shop, person):
    has, lacks = place(shop, 2)
    tagging.tag(order_ids=[has.pk], name="VIP", actor=STAFF, at=AT)
    job = run(person, "orders.tag", [has, lacks], tag="vip")
    assert results(job) == [("unchanged", "It had this tag already."), ("done", "")]
    job = run(person, "orders.untag", [has, lacks], tag="VIP")
    assert results(job) == [("done", ""), ("done", "")]
    assert set(Order.objects.values_list("tags__len", flat=True)) == {0}


def test_orders_of_a_channel_taken_from_the_starter_meanwhile_are_left_alone(shop: Shop, person):
    mine, other = place(shop, 2)
    job = begin(person, "orders.hold", [mine, other], reason="x")
    elsewhere = ChannelFactory()
    Order.objects.filter(pk=other.pk).update(channel=elsewhere)
    person.channels.set([shop.channel])
    jobs.work()
    assert results(job) == [
        ("done", ""),
        ("failed", "Not there, or not to be seen by whoever started this."),
    ]
    assert list(Hold.objects.values_list("order", flat=True)) == [mine.pk]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_order_undone_and_none_done_twice(shop: Shop, person, tmp_path):
    """With real workers: the first is killed without a word in the middle of its work."""
    level = shop.put("MUG", 0)
    orders = place(shop, 150)
    log = tmp_path / "worker.log"
    with workers.running(log) as first:
        job = begin(person, "orders.cancel", orders, reason="Recall")
        workers.wait(lambda: Job.objects.get(pk=job.pk).done >= 5, log)
        workers.kill(first)
    job.refresh_from_db()
    assert (job.status, job.total) == ("running", 150)
    assert 5 <= job.done < 150
    assert job.rows.exclude(outcome="waiting").count() == job.done

    Job.objects.update(due_at=clock.now() - timedelta(days=1))  # its lease is over
    with workers.running(log):

        def is_done():
            jobs.hurry()  # as the sweep does, for a wake-up goes stale before a slow worker is up
            return Job.objects.get(pk=job.pk).status == "done"

        workers.wait(is_done, log)
    job.refresh_from_db()
    assert (job.done, job.failed) == (150, 0)
    assert set(job.rows.values_list("outcome", flat=True)) == {"done"}
    cancelled = events("order.cancelled").values_list("subject_id", flat=True)
    assert sorted(cancelled) == sorted(order.pk for order in orders)
    assert counters(level) == (150, 0, 0)
    assert not Reservation.objects.filter(quantity__gt=0).exists()
