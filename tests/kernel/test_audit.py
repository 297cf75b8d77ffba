"""The history of master data: every way of writing is noted, with who did it, and kept."""

import contextlib

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from config.kernel import audit, clock, keys
from config.kernel.actors import Actor
from config.kernel.models import Change, Channel, User
from inventory.models import Bin, Product, Supplier, Warehouse
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, WarehouseFactory
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.factories.orders import Shop, line

pytestmark = pytest.mark.django_db

WES = Actor("staff", "0190", "Wes Oak")


def told(subject=None):
    """The history without its ids, oldest first; of one record if given."""
    rows = Change.objects.order_by("id")
    if subject is not None:
        rows = rows.filter(subject=subject._meta.label_lower, subject_id=str(subject.pk))
    return [(one.model, one.label, one.action, one.changes) for one in rows]


def test_each_change_is_noted_with_before_and_after():
    product = ProductFactory(sku="MUG", name="Mug")
    with audit.acting(WES):
        product.name, product.version = "Blue mug", 2
        product.save()
    Product.objects.filter(pk=product.pk).update(cost="2.50", name="Red mug")
    assert told(product) == [
        ("inventory.product", "MUG", "created", {}),
        ("inventory.product", "MUG", "changed", {"name": ["Mug", "Blue mug"]}),
        (
            "inventory.product",
            "MUG",
            "changed",
            {"name": ["Blue mug", "Red mug"], "cost": [None, 2.5]},
        ),
    ]
    actors = Change.objects.filter(subject_id=str(product.pk)).order_by("id")
    assert [(one.actor_kind, one.actor_id, one.actor_label) for one in actors] == [
        ("system", "", "kapell-command"),
        ("staff", "0190", "Wes Oak"),
        ("system", "", "kapell-command"),
    ]


def test_what_only_moves_a_version_is_no_change():
    product = ProductFactory()
    product.version = 9
    product.save()
    assert [action for _model, _label, action, _changes in told(product)] == ["created"]


def test_copy_and_sql_are_noted_too():
    with connection.cursor() as cursor, audit.acting(WES):
        columns = "id, version, created_at, updated_at, code, name, email, phone, notes"
        copy = f"COPY inventory_supplier ({columns}) FROM STDIN"
        with cursor.copy(copy) as rows:
            for number in range(3):
                rows.write_row(
                    [f"01900000-0000-7000-8000-00000000000{number}", 1, clock.now(), clock.now(),
                     f"S{number}", f"Supplier {number}", "", "", ""]
                )  # fmt: skip
        cursor.execute("UPDATE inventory_supplier SET name = upper(name)")
    assert Supplier.objects.count() == 3
    created = Change.objects.filter(action="created", model="inventory.supplier")
    assert sorted(created.values_list("label", flat=True)) == [f"Supplier {n}" for n in range(3)]
    assert set(Change.objects.values_list("actor_label", flat=True)) == {"Wes Oak"}
    changed = Change.objects.filter(action="changed").order_by("id")
    assert changed[0].changes == {"name": ["Supplier 0", "SUPPLIER 0"]}


def test_a_products_parts_are_told_on_the_product():
    product, warehouse = ProductFactory(sku="MUG"), WarehouseFactory(code="MAIN")
    product.barcodes.create(code="4006381333931")
    product.prices.create(currency="GBP", list_price="9.99")
    rule = product.reorder_rules.create(warehouse=warehouse, reorder_point=5)
    product.prices.update(list_price="8.99")
    rule.delete()
    assert told(product)[1:] == [
        ("inventory.barcode", "4006381333931", "created", {}),
        ("inventory.price", "GBP", "created", {}),
        ("inventory.reorderrule", "MAIN", "created", {}),
        ("inventory.price", "GBP", "changed", {"list_price": [9.99, 8.99]}),
        (
            "inventory.reorderrule",
            "MAIN",
            "deleted",
            {
                "product_id": [str(product.pk), None],
                "warehouse_id": [str(warehouse.pk), None],
                "reorder_point": [5, None],
                "reorder_quantity": [0, None],
            },
        ),
    ]


def test_rights_are_noted_by_name():
    user, channel, warehouse = UserFactory(username="bo"), ChannelFactory(), WarehouseFactory()
    user.groups.add(Group.objects.create(name="finance"))
    user.channels.add(channel)
    warehouse.staff.add(user)
    user.groups.clear()
    assert told(user)[1:] == [
        ("kernel.user", "bo", "changed", {"groups": [None, "finance"]}),
        ("kernel.user", "bo", "changed", {"channels": [None, channel.name]}),
        ("kernel.user", "bo", "changed", {"warehouses": [None, warehouse.code]}),
        ("kernel.user", "bo", "changed", {"groups": ["finance", None]}),
    ]


def test_a_password_is_told_without_its_hash():
    user = UserFactory()
    user.set_password("first-password-1")
    user.last_login = clock.now()
    user.save()
    assert told(user)[1:] == [("kernel.user", user.username, "changed", {"password": []})]


def test_a_keys_hash_and_use_are_not_told():
    key, _text = keys.create(channel=ChannelFactory(), name="Shop")
    type(key).objects.update(last_used_at=clock.now(), digest="0" * 64)
    keys.revoke(key=key, at=clock.now())
    (_model, _label, created, nothing), (*_rest, changed) = told(key)
    assert (created, nothing, list(changed)) == ("created", {}, ["revoked_at"])


def test_a_customer_that_orders_bring_is_told_from_the_first_change():
    customer = CustomerFactory(name="Ann")
    assert told(customer) == []
    customer.name = "Anne"
    customer.save()
    assert told(customer) == [
        ("customers.customer", "", "changed", {"name": ["Ann", "Anne"]})
    ]  # fmt: skip


def test_history_cannot_be_changed_or_deleted():
    ChannelFactory()
    for write in (
        lambda: Change.objects.update(actor_label="Somebody else"),
        lambda: Change.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            write()
    assert Change.objects.filter(model="kernel.channel").count() == 1


def test_acting_ends_with_its_block_even_when_that_fails():
    with contextlib.suppress(ZeroDivisionError), audit.acting(WES):
        with audit.acting(Actor.system("nightly")):
            WarehouseFactory(code="INNER")
        WarehouseFactory(code="OUTER")
        raise ZeroDivisionError
    WarehouseFactory(code="AFTER")
    who = dict(
        Change.objects.filter(model="inventory.warehouse").values_list("label", "actor_label")
    )
    assert who == {"INNER": "nightly", "OUTER": "Wes Oak", "AFTER": "kapell-command"}


@pytest.mark.django_db(transaction=True)
def test_acting_survives_a_transaction_that_fails():
    with audit.acting(WES):
        with pytest.raises(DatabaseError), transaction.atomic():
            Channel.objects.create(code=None)
        Supplier.objects.create(code="OAK", name="Oak & Sons")
    Supplier.objects.create(code="ELM", name="Elm")
    who = dict(Change.objects.values_list("label", "actor_label"))
    assert who == {"Oak & Sons": "Wes Oak", "Elm": "kapell-command"}


AUDITED = {
    "kernel.legalentity", "kernel.channel", "kernel.apikey", "kernel.user", "customers.customer",
    "kernel.webhookendpoint",
    "inventory.supplier", "inventory.product", "inventory.barcode", "inventory.price",
    "inventory.reorderrule", "inventory.warehouse", "inventory.holiday", "inventory.bin",
}  # fmt: skip


def test_all_master_data_is_under_audit():
    assert set(audit.kept()) >= AUDITED


def test_users_bins_and_warehouses_are_told_where_they_are_looked_for():
    warehouse = WarehouseFactory(code="NORTH")
    place = Bin.objects.create(warehouse=warehouse, code="A-1")
    holiday = warehouse.holidays.create(date="2026-12-25", name="Christmas")
    assert told(place) == [("inventory.bin", "A-1", "created", {})]
    assert told(warehouse)[-1] == ("inventory.holiday", str(holiday.date), "created", {})
    assert User.objects.count() == 0
    assert Warehouse.objects.get().code == "NORTH"


def test_what_an_order_changes_of_a_customer_is_the_channels_doing():
    shop = Shop()
    shop.put("MUG", 5)
    shop.place(line())
    order = shop.place(line(), customer={"reference": "17850", "name": "Ann Moved"})
    (change,) = Change.objects.filter(subject_id=str(order.customer_id))
    assert change.changes["name"][1] == "Ann Moved"
    assert (change.actor_kind, change.actor_label) == ("channel", shop.channel.name)
