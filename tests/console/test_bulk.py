"""Many orders at once from the list: what is chosen, who may, and what becomes of it."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from config.kernel import clock, ids, jobs
from config.kernel.models import Job
from orders.admin import bulk
from orders.models import Hold, Order
from orders.services import holds, progress, tagging
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import STAFF, Shop, line


@pytest.fixture
def orders(shop: Shop) -> list[Order]:
    shop.put("MUG", 50)
    shop.put("TEA", 50)
    return [shop.place(line("MUG" if number % 2 else "TEA")) for number in range(6)]


def ask(client, name, orders=(), **params):
    chosen = {"ids": [str(one.pk) for one in orders], **params}
    return client.get(f"{pages.ORDERS}bulk-{name}/?{urlencode(chosen, doseq=True)}")


def press(client, name, orders=(), answers=None, **params):
    """Open the page, answer it and return the job that was started."""
    chosen = {"ids": [str(one.pk) for one in orders], **params}
    address = f"{pages.ORDERS}bulk-{name}/?{urlencode(chosen, doseq=True)}"
    given = {"command_id": str(ids.new()), **(answers or {"reason": "Recall"})}
    answer = client.post(address, given)
    assert answer.status_code == 302, pages.text(answer)
    return Job.objects.get(pk=re.search(r"/job/([0-9a-f-]+)/", answer.headers["Location"])[1])


def chosen(job):
    return list(job.rows.order_by("pk").values_list("label", flat=True))


def numbers(orders):
    return [one.number for one in orders]


def test_the_list_offers_what_the_reader_may_do(as_role, orders):  # noqa: ARG001
    assert bulk_buttons(as_role("sales")) == [
        "hold", "release", "tag", "untag", "export", "cancel",
    ]  # fmt: skip
    assert bulk_buttons(as_role("warehouse")) == ["hold", "tag", "untag"]
    nobody = as_role("sales")
    nobody.user.groups.first().permissions.filter(codename__in=ABILITIES).delete()
    assert bulk_buttons(nobody) == []


ABILITIES = ["hold_order", "release_hold", "cancel_order", "note_order", "export_order"]


def bulk_buttons(client):
    body = client.get(pages.ORDERS).content.decode()
    return re.findall(r'formaction="/admin/orders/order/bulk-(\w+)/"', body)


def test_the_page_says_how_many_it_is_about(as_role, orders):
    client = as_role("sales")
    assert f"2 orders {orders[0].number}, {orders[1].number}" in pages.text(
        ask(client, "hold", orders[:2])
    )
    told = pages.text(ask(client, "hold", all="1", view="open", sku="TEA"))
    assert "3 orders – all that match Open TEA" in told


def test_chosen_orders_are_put_on_hold(as_role, orders):
    client = as_role("sales", first_name="Lea", last_name="Lead")
    job = press(client, "hold", orders[:2])
    assert sorted(chosen(job)) == numbers(orders[:2])
    jobs.work()
    held = Hold.objects.values_list("order__number", "params", "placed_by")
    assert sorted(held) == [(one.number, {"reason": "Recall"}, "Lea Lead") for one in orders[:2]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"view": "open"}, [0, 1, 2, 3, 4, 5]),
        ({"view": "open", "sku": "tea"}, [0, 2, 4]),
        ({"view": "held"}, [1]),
        ({"view": "open", "tag": "vip"}, [2]),
        ({"view": "all", "q": "MUG"}, [1, 3, 5]),
        ({"view": "all", "sort": "oldest", "since": "2999-01-01"}, None),
    ],
)
def test_all_that_match_are_what_the_list_holds_on_every_page(as_role, orders, params, expected):
    client = as_role("sales")
    holds.place(order_ids=[orders[1].pk], reason="x", actor=STAFF, at=clock.now())
    tagging.tag(order_ids=[orders[2].pk], name="VIP", actor=STAFF, at=clock.now())
    if expected is None:
        answer = client.post(
            f"{pages.ORDERS}bulk-hold/?{urlencode({**params, 'all': 1})}",
            {"command_id": str(ids.new()), "reason": "x"},
        )
        assert answer.status_code == 422
        assert "No order is chosen." in pages.text(answer)
        return
    job = press(client, "tag", answers={"tag": "chosen"}, all="1", **params)
    assert sorted(chosen(job)) == numbers(orders[place] for place in expected)


def test_since_a_time_of_day_means_today(as_role, orders):
    long_ago = clock.now() - timedelta(hours=30)
    Order.objects.filter(pk=orders[0].pk).update(placed_at=long_ago)
    job = press(as_role("sales"), "hold", all="1", view="open", since_time="00:00")
    assert orders[0].number not in chosen(job)
    assert len(chosen(job)) == 5


def test_orders_of_other_channels_are_never_among_them(as_role, shop, orders):
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
    foreign = other.place(line())
    client = as_role("sales", channels=[shop.channel])
    assert chosen(press(client, "hold", [orders[0], foreign])) == [orders[0].number]
    assert sorted(chosen(press(client, "hold", all="1", view="open"))) == numbers(orders)


def test_none_and_nonsense_are_refused(as_role, orders):  # noqa: ARG001
    client = as_role("sales")
    for params in ({}, {"ids": "nonsense"}, {"ids": str(ids.new())}):
        answer = client.post(
            f"{pages.ORDERS}bulk-hold/?{urlencode(params)}",
            {"command_id": str(ids.new()), "reason": "x"},
        )
        assert answer.status_code == 422
        assert "No order is chosen." in pages.text(answer)
    assert not Job.objects.exists()


def test_more_than_a_job_may_be_about_is_refused(as_role, orders, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr(bulk, "MOST", 5)
    assert "More than 5 orders" in pages.text(ask(as_role("sales"), "hold", all="1", view="open"))


def test_a_double_click_starts_one_job(as_role, orders):
    client = as_role("sales")
    answers = {"command_id": str(ids.new()), "reason": "x"}
    assert press(client, "hold", orders, answers).pk == press(client, "hold", orders, answers).pk


def test_without_the_right_nothing_is_started(as_role, orders):
    client = as_role("warehouse")
    assert ask(client, "cancel", orders).status_code == 403
    answer = client.post(f"{pages.ORDERS}bulk-cancel/?all=1", {"reason": "x"})
    assert answer.status_code == 403
    assert not Job.objects.exists()


def test_an_export_is_of_the_choice_or_the_whole_list(as_role, orders, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 5)  # a file may be about any number
    client = as_role("sales")
    answers = {"rows": "line", "for_excel": "on"}
    job = press(client, "export", orders[:1], answers)
    assert job.params == {"ids": [str(orders[0].pk)], "by_line": True, "for_excel": True}
    job = press(client, "export", answers={"rows": "order"}, all="1", view="open", sku="TEA")
    assert job.params.pop("at")
    assert job.params == {
        "query": {"view": "open", "sku": "TEA"}, "by_line": False, "for_excel": False,
    }  # fmt: skip


def test_a_tag_with_a_comma_is_refused(as_role, orders):
    client = as_role("sales")
    address = f"{pages.ORDERS}bulk-tag/?ids={orders[0].pk}"
    answer = client.post(address, {"command_id": str(ids.new()), "tag": "a,b"})
    assert "without a comma" in pages.text(answer)


def test_holds_are_released_for_a_cause(as_role, orders):
    client = as_role("sales")
    holds.place(order_ids=[orders[0].pk], reason="x", actor=STAFF, at=clock.now())
    press(client, "release", orders[:2], {"kind": "manual", "reason": "fine"})
    jobs.work()
    hold = Hold.objects.get()
    assert (hold.status, hold.reason) == ("released", "fine")


def test_a_wrong_price_feed_is_stopped_by_one_action(as_role, shop):
    """USERS D9: all orders with a SKU placed since 14:05 wait, and none can go to the warehouse."""
    shop.put("TV", 400, name="Television")
    shop.put("MUG", 400)
    moment = clock.now().replace(hour=14, minute=5, second=0, microsecond=0)
    before, after = moment - timedelta(minutes=1), moment + timedelta(minutes=1)
    cheap = [shop.place(line("TV", unit_price="3.99")) for _ in range(300)]
    fine, other = shop.place(line("TV")), shop.place(line("MUG"))
    Order.objects.filter(pk__in=[one.pk for one in [*cheap, other]]).update(placed_at=after)
    Order.objects.filter(pk=fine.pk).update(placed_at=before)

    client = as_role("sales", time_zone="UTC")
    asked = {"view": "open", "sku": "TV", "since": f"{moment:%Y-%m-%d}", "since_time": "14:05"}
    assert "300 orders – all that match" in pages.text(ask(client, "hold", all="1", **asked))
    job = press(client, "hold", all="1", answers={"reason": "Wrong price feed"}, **asked)
    jobs.work()
    job.refresh_from_db()
    assert (job.status, job.done, job.failed) == ("done", 300, 0)

    held = Order.objects.filter(is_held=True)
    assert set(held) == set(cheap)
    progress.refresh(order_ids=[one.pk for one in cheap], at=clock.now())
    assert not held.filter(released_at__isnull=False).exists()
    assert Order.objects.filter(released_at__isnull=False).count() == 2
