"""Orders of a list as CSV: what the reader may see, safe to open, gone on with after any death."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from config.kernel import clock, ids, jobs
from config.kernel.jobs import kinds, running, storage
from config.kernel.models import Job, User
from orders.jobs import export
from orders.models import Order
from orders.services import holds, tagging
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.factories.orders import AT, STAFF, Shop, line

NAME = "+cmd|' /C calc'"


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path)
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)


@pytest.fixture
def person(db):  # noqa: ARG001 - the test database
    user = UserFactory(time_zone="Europe/Berlin", language="en-gb")
    user.user_permissions.add(Permission.objects.get(codename="export_order"))
    return User.objects.get(pk=user.pk)


def begin(person, *, by_line=False, for_excel=False, ids_=None, **query):
    what = {"ids": ids_} if ids_ else {"query": {"view": "all", **query}, "at": str(clock.now())}
    return jobs.start(
        kind="orders.export",
        user=person,
        params={**what, "by_line": by_line, "for_excel": for_excel},
        command_id=ids.new(),
        at=clock.now(),
    )


def text(job):
    return storage.path(job.pk, export.FILE).read_bytes().decode()


def written(person, **asked):
    job = begin(person, **asked)
    jobs.work()
    job.refresh_from_db()
    assert job.status == "done", job.code
    return list(csv.DictReader(io.StringIO(text(job), newline="")))


def test_a_row_says_what_the_list_says(shop: Shop, person):
    shop.put("MUG", 5)
    order = shop.place(line("MUG", 3, "8.325"), customer_order_number="PO-7", total_amount="24.98")
    Order.objects.filter(pk=order.pk).update(placed_at=AT)
    holds.place(order_ids=[order.pk], reason="x", actor=STAFF, at=AT)
    tagging.tag(order_ids=[order.pk], name="VIP", actor=STAFF, at=AT)
    (row,) = written(person)
    expected = {
        "Order": order.number, "Reference": order.reference, "Sales channel": shop.channel.name,
        "Customer's order number": "PO-7", "Customer": "Ann Example", "E-mail": "ann@example.test",
        "Postcode": "SW1A 1AA", "Country": "GB", "Placed": "2026-11-16 11:00", "Status": "Open",
        "On hold for": "Manual", "Payment": "Not paid", "Tags": "VIP", "Lines": "1", "Units": "3",
        "Currency": "GBP", "Total": "24.98", "Paid": "0.00",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_row_per_line_begins_with_its_order(shop: Shop, person):
    shop.put("MUG", 5)
    shop.put("TEA", 0)
    order = shop.place(line("MUG", 3, "8.325"), line("TEA", 2, "1.50"))
    rows = written(person, by_line=True)
    assert [(row["Order"], row["Line"], row["SKU"]) for row in rows] == [
        (order.number, "1", "MUG"), (order.number, "2", "TEA"),
    ]  # fmt: skip
    assert [(row["Ordered"], row["Allocated"], row["Backordered"]) for row in rows] == [
        ("3", "3", "0"), ("2", "0", "2"),
    ]  # fmt: skip
    assert [(row["Unit price"], row["Tax rate"]) for row in rows] == [
        ("8.325", "20"),
        ("1.5", "20"),
    ]


def test_what_customers_wrote_never_runs_and_numbers_stay_numbers(shop: Shop, person):
    shop.put("MUG", 5)
    shop.place(line(), reference="=HYPERLINK(1)", customer={"reference": "9", "name": NAME})
    (row,) = written(person)
    assert row["Reference"] == "'=HYPERLINK(1)"
    assert row["Customer"] == f"'{NAME}"
    assert row["Total"] == "10.00"


def test_excel_gets_its_mark(shop: Shop, person):
    shop.place(line("NOPE"))
    job = begin(person, for_excel=True)
    jobs.work()
    assert text(job).startswith("\ufeffOrder,")


def test_the_filter_and_the_choice_are_kept(shop: Shop, person):
    shop.put("MUG", 5)
    first, second = shop.place(line()), shop.place(line("NOPE"))
    assert [row["Order"] for row in written(person, sku="nope")] == [second.number]
    assert [row["Order"] for row in written(person, q=first.reference)] == [first.number]
    assert [row["Order"] for row in written(person, ids_=[str(first.pk)])] == [first.number]
    assert written(person, sku="other") == []


def test_the_starters_channels_bound_it_even_when_they_change_meanwhile(shop: Shop, person):
    mine = shop.place(line("NOPE"))
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse).place(line("NOPE"))
    job = begin(person)
    person.channels.set([shop.channel])
    jobs.work()
    assert mine.number in text(job)
    assert other.number not in text(job)
    assert [row["Order"] for row in written(person, ids_=[str(other.pk)])] == []


def test_it_goes_on_where_a_dead_worker_stopped(shop: Shop, person, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 2)
    orders = [shop.place(line("NOPE")) for _ in range(5)]
    job = begin(person)
    dead = running._claim()
    steps = running._steps(dead, kinds.find("orders.export"))
    next(steps)
    Job.objects.update(due_at=clock.now() - timedelta(days=1))
    awake = running._claim()
    # The one that was thought dead writes once more: its part is nobody's.
    with pytest.raises(jobs.Lost):
        next(steps)
    running._run(awake, 60)
    rows = list(csv.DictReader(io.StringIO(text(job), newline="")))
    assert [row["Order"] for row in rows] == [order.number for order in orders]
    job.refresh_from_db()
    assert (job.status, job.total, job.done) == ("done", 5, 5)
    assert [file.name for file in storage.path(job.pk, "x").parent.iterdir()] == [export.FILE]
