"""Views of lists: tabs with counts, saved for oneself or for everybody, and a first one."""

import json
import re
from urllib.parse import parse_qsl

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, ids
from config.kernel.admin import saved_views
from config.kernel.models import DefaultView, SavedView
from orders.services import holds, tagging
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import STAFF, Shop, line

PRODUCTS = "/admin/inventory/product/"


@pytest.fixture(autouse=True)
def forget():
    cache.clear()


@pytest.fixture
def orders(shop: Shop):
    shop.put("MUG", 3)
    shop.put("TEA", 3)
    return [shop.place(line("MUG")), shop.place(line("TEA")), shop.place(line("TEA", 9))]


def save(client, name, base=pages.ORDERS, *, shared=False, **query):
    answers = {
        "command_id": str(ids.new()),
        "name": name,
        **({"is_shared": "on"} if shared else {}),
    }
    return client.post(
        f"{base}save-view/?{'&'.join(f'{k}={v}' for k, v in query.items())}", answers
    )


def tabs(answer):
    body = answer.content.decode()
    found = re.findall(r'<a href="([^"]+)"( aria-current="page")?>(.*?)<span class="k-count"', body)
    return {
        re.sub(r"<[^>]+>", "", label).replace("groupshared: ", ""): (address, bool(now))
        for address, now, label in found
    }


def test_what_a_list_is_narrowed_down_to_gets_a_tab(as_role, orders):
    client = as_role("sales")
    assert "Save view" in pages.text(client.get(pages.ORDERS, {"view": "open", "sku": "TEA"}))
    answer = save(client, "Tea first", view="open", sku="TEA", sort="oldest")
    assert answer.status_code == 302
    shown = client.get(answer.headers["Location"])
    assert pages.numbers(shown) == [orders[1].number, orders[2].number]
    address, is_current = tabs(shown)["Tea first"]
    assert is_current
    assert pages.numbers(client.get(pages.ORDERS + address.replace("&amp;", "&"))) == pages.numbers(
        shown
    )
    assert SavedView.objects.get().query == {"view": "open", "sku": "TEA", "sort": "oldest"}


def test_a_changed_view_is_saved_again_or_left(as_role, orders):  # noqa: ARG001
    client = as_role("sales")
    save(client, "Mine", view="open", sku="TEA")
    view = SavedView.objects.get()
    address = {"view": "open", "sku": "MUG", "saved": view.pk}
    assert "Save changes" in pages.text(client.get(pages.ORDERS, address))
    query = f"view=open&sku=MUG&saved={view.pk}"
    assert client.post(f"{pages.ORDERS}replace-view/?{query}").status_code == 302
    view.refresh_from_db()
    assert view.query == {"view": "open", "sku": "MUG"}
    assert "Save changes" not in pages.text(client.get(pages.ORDERS, address))


def test_a_view_is_ones_own_until_it_is_shared(as_role, orders):  # noqa: ARG001
    manager, other = as_role("manager"), as_role("sales")
    save(manager, "Mine", view="late")
    save(manager, "Ours", shared=True, view="held")
    assert "Ours" in tabs(other.get(pages.ORDERS))
    assert "Mine" not in tabs(other.get(pages.ORDERS))
    ours = SavedView.objects.get(name="Ours")
    for who, may in ((other, False), (manager, True)):
        body = who.get(pages.ORDERS, {"view": "held", "saved": ours.pk}).content.decode()
        assert ("edit-view" in body) == may
    assert other.post(f"{pages.ORDERS}replace-view/?saved={ours.pk}").status_code == 404
    edited = other.post(
        f"{pages.ORDERS}edit-view/?saved={ours.pk}",
        {"command_id": str(ids.new()), "name": "Theirs", "goes": "on"},
    )
    assert edited.status_code == 404
    assert SavedView.objects.filter(name="Ours").exists()


def test_sharing_takes_a_right(as_role, orders):  # noqa: ARG001
    client = as_role("sales")
    assert b"is_shared" not in client.get(f"{pages.ORDERS}save-view/?view=late").content
    save(client, "Ours", shared=True, view="late")
    assert not SavedView.objects.get().is_shared


def test_a_view_is_renamed_and_deleted(as_role, orders):  # noqa: ARG001
    client = as_role("manager")
    save(client, "Old", view="late")
    save(client, "Other", view="held")
    view = SavedView.objects.get(name="Old")
    address = f"{pages.ORDERS}edit-view/?saved={view.pk}"
    assert b'value="Old"' in client.get(address).content
    fixed = {"command_id": str(ids.new())}
    taken = client.post(address, {**fixed, "name": "Other"})
    assert "You have a view of this name." in pages.text(taken)
    client.post(address, {**fixed, "name": "New", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("New", True)
    client.post(address, {**fixed, "name": "New", "goes": "on"})
    assert set(SavedView.objects.values_list("name", flat=True)) == {"Other"}


@pytest.mark.parametrize("kind", ["fixed", "saved"])
def test_a_list_opens_with_the_view_one_chose(as_role, orders, kind):  # noqa: ARG001
    client, other = as_role("sales"), as_role("sales")
    save(client, "Tea", view="open", sku="TEA")
    view = "short" if kind == "fixed" else str(SavedView.objects.get().pk)
    client.post(f"{pages.ORDERS}open-with/", {"view": view, "back": view})
    opened = client.get(pages.ORDERS)
    expected = opened.headers["Location"]
    wanted = {"view": "short"} if kind == "fixed" else {
        "view": "open", "sku": "TEA", "saved": view,
    }  # fmt: skip
    assert dict(parse_qsl(expected.removeprefix("?"))) == wanted
    assert 'aria-pressed="true"' in client.get(pages.ORDERS + expected).content.decode()
    assert other.get(pages.ORDERS).status_code == 200

    client.post(f"{pages.ORDERS}open-with/", {"view": "", "back": view})
    assert client.get(pages.ORDERS).status_code == 200
    assert not DefaultView.objects.exists()


def test_a_deleted_view_opens_no_list(as_role, orders):  # noqa: ARG001
    client = as_role("sales")
    save(client, "Tea", view="open", sku="TEA")
    view = SavedView.objects.get()
    client.post(f"{pages.ORDERS}open-with/", {"view": str(view.pk)})
    client.post(
        f"{pages.ORDERS}edit-view/?saved={view.pk}",
        {"command_id": str(ids.new()), "name": "Tea", "goes": "on"},
    )
    assert client.get(pages.ORDERS).status_code == 200


def test_each_view_says_how_many_it_holds_in_one_statement(as_role, orders):
    client = as_role("sales")
    holds.place(order_ids=[orders[0].pk], reason="x", actor=STAFF, at=clock.now())
    tagging.tag(order_ids=[orders[1].pk], name="VIP", actor=STAFF, at=clock.now())
    save(client, "Important", view="open", tag="vip")
    view = SavedView.objects.get()
    with CaptureQueriesContext(connection) as captured:
        counts = json.loads(client.get(f"{pages.ORDERS}view-counts/").content)
    assert counts[str(view.pk)] == "1"
    assert {name: counts[name] for name in ("open", "held", "short", "ready", "all")} == {
        "open": "3", "held": "1", "short": "1", "ready": "1", "all": "3",
    }  # fmt: skip
    counting = [one["sql"] for one in captured if "count(*)" in one["sql"].lower()]
    assert len(counting) == 1
    assert counting[0].count("LIMIT 1000") == len(counts)


def test_a_count_ends_at_a_thousand(monkeypatch, as_role, orders):  # noqa: ARG001
    monkeypatch.setattr(saved_views, "MOST_COUNTED", 3)
    counts = json.loads(as_role("sales").get(f"{pages.ORDERS}view-counts/").content)
    assert (counts["open"], counts["short"]) == ("2+", "1")


def test_counts_are_of_what_the_reader_may_see(as_role, shop, orders):  # noqa: ARG001
    other = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
    other.place(line())
    client = as_role("sales", channels=[other.channel])
    assert json.loads(client.get(f"{pages.ORDERS}view-counts/").content)["open"] == "1"
    client.user.groups.clear()
    assert client.get(f"{pages.ORDERS}view-counts/").status_code == 403


def test_stock_has_views_too(as_role, shop):
    shop.put("MUG", 3)
    shop.put("TEA", 0)
    client = as_role("manager")
    shown = client.get(PRODUCTS, {"stock": "none"})
    assert "TEA" in pages.text(shown)
    assert "MUG" not in pages.text(shown)
    assert tabs(shown)["Nothing available"][1]
    save(client, "Inactive", base=PRODUCTS, is_active__exact=0)
    counts = json.loads(client.get(f"{PRODUCTS}view-counts/").content)
    assert {name: counts[name] for name in ("all", "none", "low")} == {
        "all": "2", "none": "1", "low": "0",
    }  # fmt: skip
    assert counts[str(SavedView.objects.get().pk)] == "0"
    answer = client.get(PRODUCTS, {"is_active__exact": "0", "saved": SavedView.objects.get().pk})
    assert answer.status_code == 200
    assert tabs(answer)["Inactive"][1]


def test_a_view_of_another_list_is_none_of_this_one(as_role, orders):  # noqa: ARG001
    client = as_role("sales")
    save(client, "Tea", view="open", sku="TEA")
    assert "Tea" not in tabs(client.get(PRODUCTS))
