"""Sales channels with their keys, users with their limits, customers merged and blocked."""

import re

import pytest

from config.kernel import keys
from config.kernel.models import ApiKey, User
from customers.models import Customer
from orders.models import Hold
from tests.console import pages
from tests.factories.customers import CustomerFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import document, line

KEY = re.compile(r"kapell_\w{8}_[\w-]{49}")


def create(client, channel):
    return pages.press(
        client, channel, "create-key", name="Live", scopes=["orders:read", "orders:write"]
    )


def test_a_new_key_is_shown_once_and_works(as_role, shop):
    shop.put("MUG", 3)
    client = as_role("administrator")
    answer = create(client, shop.channel)
    (key,) = set(KEY.findall(answer.content.decode()))
    assert "no-store" in answer.headers["Cache-Control"]
    assert keys.looks_right(key)
    shop.key = key
    assert shop.post(document(line())).status_code == 201
    assert key not in client.get(pages.page_of(shop.channel)).content.decode()
    assert ApiKey.objects.get(name="Live").scopes == ["orders:read", "orders:write"]


def test_rotate_shows_a_successor_and_revoke_ends_it(as_role, shop):
    client = as_role("administrator")
    create(client, shop.channel)
    first = ApiKey.objects.get(name="Live")
    answer = pages.press(client, first, "rotate")
    (second,) = set(KEY.findall(answer.content.decode()))
    first.refresh_from_db()
    assert first.expires_at is not None
    successor = ApiKey.objects.get(prefix=keys.prefix_of(second))
    assert successor.scopes == first.scopes
    answer = pages.press(client, successor, "revoke")
    assert "The key is revoked." in pages.text(answer)
    shop.key = second
    assert shop.get("/api/v1/orders/").status_code == 401


def test_a_manager_sees_channels_but_makes_no_keys(as_role, shop):
    client = as_role("manager")
    address = pages.page_of(shop.channel)
    assert client.get(address).status_code == 200
    assert client.get(address.replace("change/", "create-key/")).status_code == 403


def test_another_channels_key_is_a_404(as_role, shop):
    key = ApiKey.objects.get()
    client = as_role("administrator", channels=[ChannelFactory()])
    assert client.get(pages.page_of(shop.channel)).status_code == 404
    assert client.get(pages.page_of(key).replace("change/", "revoke/")).status_code == 404
    assert client.post(pages.page_of(key).replace("change/", "revoke/")).status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("role", ["sales", "warehouse", "finance", "manager"])
def test_only_administrators_manage_users(as_role, role):
    assert as_role(role).get("/admin/kernel/user/").status_code == 403


def test_somebody_deactivated_is_at_the_door_with_the_next_click(as_role):
    client = as_role("sales")
    assert client.get(pages.ORDERS).status_code == 200
    User.objects.filter(pk=client.user.pk).update(is_active=False)
    assert client.get(pages.ORDERS).headers["Location"].startswith("/admin/login/")


def test_a_customers_page_has_orders_addresses_and_references(as_role, shop):
    shop.put("MUG", 5)
    order = shop.place(line())
    told = pages.text(as_role("sales").get(pages.page_of(order.customer)))
    for part in (order.number, "Ready to pick", "1 High Street, London, SW1A 1AA", "17850"):
        assert part in told


def test_blocking_puts_open_orders_on_hold_and_unblocking_lets_them_go(as_role, shop):
    shop.put("MUG", 5)
    customer = shop.place(line()).customer
    client = as_role("sales")
    answer = pages.press(client, customer, "block", reason="Unpaid bills")
    assert "Blocked: Unpaid bills" in pages.text(answer)
    assert Customer.objects.get().is_blocked
    assert "unblock/" in answer.content.decode()
    pages.press(client, customer, "unblock")
    assert not Customer.objects.get().is_blocked
    assert Hold.objects.filter(status="open").count() == 0


def test_finance_may_not_block(as_role):
    customer = CustomerFactory()
    client = as_role("finance")
    assert client.get(pages.page_of(customer).replace("change/", "block/")).status_code == 403


def test_merging_leads_to_the_survivor(as_role):
    duplicate = CustomerFactory(name="Ann", email="ann@a.test", email_key="ann@a.test")
    survivor = CustomerFactory(
        name="Anne", email="anne@b.test", email_key="anne@b.test", channel=duplicate.channel
    )
    client = as_role("sales")
    refused = pages.press(client, duplicate, "merge", other="nobody", reason="Same person")
    assert "There is no such customer." in pages.text(refused)
    answer = pages.press(client, duplicate, "merge", other="anne@b.test", reason="Same person")
    assert answer.redirect_chain[-1][0] == pages.page_of(survivor)
    duplicate.refresh_from_db()
    assert duplicate.merged_into == survivor
    told = pages.text(client.get(pages.page_of(duplicate)))
    assert "This customer was merged into Anne" in told


def test_a_name_that_several_have_is_not_guessed(as_role):
    first = CustomerFactory(name="Ann")
    CustomerFactory(name="Bob One", channel=first.channel)
    CustomerFactory(name="Bob Two", channel=first.channel)
    answer = pages.press(as_role("sales"), first, "merge", other="Bob", reason="x")
    assert "Several could be meant: Bob One (–), Bob Two (–)." in pages.text(answer)


def test_customers_are_found(as_role):
    ann = CustomerFactory(name="Ann", company="Harbour Gifts", phone="+442079460018")
    CustomerFactory(name="Bob", channel=ann.channel)
    client = as_role("sales")
    for term in ("harbour", "ann", "020 7946 0018"):
        body = client.get("/admin/customers/customer/", {"q": term}).content.decode()
        assert str(ann.pk) in body
        assert ">Bob" not in body
