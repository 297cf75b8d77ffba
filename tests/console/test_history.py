"""The history of master data as staff read it: who, when, field by field, and one list of all."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import audit, keys
from config.kernel.actors import Actor
from config.kernel.models import Change
from inventory.models import Product
from tests.console import pages
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, WarehouseFactory
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.factories.orders import line

pytestmark = pytest.mark.django_db

CHANGES = "/admin/kernel/change/"
ANN = Actor("staff", "0190", "Ann Boss")


def history(client, record):
    return client.get(pages.page_of(record).replace("change/", "history/"))


def test_a_page_tells_field_by_field_in_words(as_role):
    client = as_role("manager")
    product = ProductFactory(sku="MUG", name="Mug")
    supplier = product._meta.get_field("supplier").related_model.objects.create(
        code="OAK", name="Oak & Sons"
    )
    with audit.acting(ANN):
        Product.objects.filter(pk=product.pk).update(
            name="Blue mug", supplier=supplier, is_stocked=False, cost="2.5000", lead_time_days=7
        )
        product.barcodes.create(code="4006381333931")
        product.prices.create(currency="GBP", list_price="9.99").delete()
    told = pages.text(history(client, product))
    for part in (
        "Ann Boss",
        "Name: Mug → Blue mug",
        "Supplier: – → Oak & Sons",
        "Stocked item: yes → no",
        "Cost: – → 2.5",
        "Lead time in days: – → 7",
        "Barcode 4006381333931: Created",
        "Price GBP: Deleted",
        "List price: 9.99 → –",
    ):
        assert part in told
    assert told.index("Deleted") < told.index("→ Blue mug")


def test_choices_lists_and_times_are_written_for_people(as_role):
    channel = ChannelFactory()
    channel.shortage_policy, channel.currencies = "refuse", ["GBP", "EUR"]
    channel.settings = {"tag": "vip"}
    channel.save()
    key, _text = keys.create(channel=channel, name="Shop")
    keys.revoke(key=key, at=channel.created_at)
    client = as_role("administrator", time_zone="Asia/Tokyo")
    told = pages.text(history(client, channel))
    assert "When stock is short: Backorder what is missing → Refuse the order" in told
    assert "Currencies: GBP → GBP, EUR" in told
    assert "Settings: – → tag: vip" in told
    assert "Revoked: – → " in pages.text(history(client, key))


def test_a_customers_change_through_the_api_names_the_key(as_role, shop):
    shop.put("MUG", 3)
    shop.place(line())
    order = shop.place(line(), customer={"reference": "17850", "name": "Ann Moved"})
    told = pages.text(history(as_role("sales"), order.customer))
    assert f"{shop.channel.name}, by the key test" in told
    assert "Name: Ann Example → Ann Moved" in told


def test_a_record_nobody_touched_says_so(as_role):
    customer = CustomerFactory()
    assert "Nothing has changed yet" in pages.text(history(as_role("sales"), customer))


def test_the_history_of_what_is_not_seen_is_like_an_unknown_one(as_role):
    customer = CustomerFactory()
    limited = as_role("sales", channels=[ChannelFactory()])
    unknown = CustomerFactory.build()
    unknown_page = limited.get("/admin/no/such/page/").content
    for record in (customer, unknown):
        answer = history(limited, record)
        assert (answer.status_code, answer.content) == (404, unknown_page)


def test_without_the_right_to_read_there_is_no_history(as_role):
    assert history(as_role("warehouse"), UserFactory()).status_code == 403


def test_facts_have_no_such_page(as_role, shop):
    shop.put("MUG", 3)
    order = shop.place()
    assert history(as_role("superuser"), order).status_code == 404


def test_a_long_history_has_pages_and_few_statements(as_role, django_assert_max_num_queries):
    product = ProductFactory()
    for number in range(60):
        Product.objects.filter(pk=product.pk).update(name=f"Name {number}")
    client = as_role("manager")
    with django_assert_max_num_queries(12):
        first = pages.text(history(client, product))
    assert first.count("Name: Name") == 50
    address = pages.page_of(product).replace("change/", "history/")
    second = pages.text(client.get(address, {"page": 2}))
    assert second.count("Name: Name") + second.count("Created") >= 10
    assert client.get(address, {"page": "x"}).status_code == 200


class TestAllChanges:
    @pytest.fixture
    def client(self, as_role):
        return as_role("administrator")

    def told(self, client, **asked):
        return pages.text(client.get(CHANGES, asked))

    def test_they_are_found_by_record_person_kind_and_day(self, client):
        wes = UserFactory(username="wes")
        product = ProductFactory(sku="MUG")
        WarehouseFactory(code="NORTH")
        with audit.acting(Actor.staff(wes)):
            Product.objects.filter(pk=product.pk).update(name="Renamed by Wes")
        assert "Renamed by Wes" in self.told(client, q="mu")
        assert "NORTH" not in self.told(client, q="mu")
        assert "Renamed by Wes" in self.told(client, q=str(product.pk))
        assert "Renamed by Wes" in self.told(client, who=str(wes.pk))
        assert "No change found" in self.told(client, who=str(client.user.pk))
        assert "Warehouse NORTH : Created" in self.told(client, what="inventory.warehouse")
        assert "MUG" not in self.told(client, what="inventory.warehouse")
        assert "No change found" in self.told(client, until="2020-01-01")
        assert "Renamed by Wes" in self.told(client, since="2020-01-01")
        assert "Enter a valid date." in self.told(client, since="yesterday")

    def test_a_part_is_told_with_what_it_is_part_of(self, client):
        product = ProductFactory(sku="MUG", name="Mug")
        product.barcodes.create(code="4006381333931")
        told = self.told(client, what="inventory.barcode")
        assert "MUG Mug · Barcode 4006381333931: Created" in told

    def test_rights_are_told_in_words(self, client):
        bo = UserFactory(username="bo")
        bo.groups.add(Group.objects.get(name="finance"))
        assert "Roles: – → Finance" in self.told(client, what="kernel.user", q="bo")

    def test_the_number_of_statements_does_not_grow(self, client):
        counts = []
        for start in (0, 20):
            for number in range(start, start + 10):
                product = ProductFactory(sku=f"SKU{number}")
                product.barcodes.create(code=f"X{number}")
            with CaptureQueriesContext(connection) as asked:
                client.get(CHANGES)
            counts.append(len(asked))
        assert counts[0] == counts[1]
        assert counts[0] <= 20

    @pytest.mark.parametrize("role", ["sales", "warehouse", "finance", "manager"])
    def test_only_administrators_read_them(self, as_role, role):
        assert as_role(role).get(CHANGES).status_code == 403

    def test_a_single_change_has_no_page_and_cannot_be_touched(self, client):
        ChannelFactory()
        change = Change.objects.latest("id")
        assert client.get(f"{CHANGES}{change.pk}/change/").status_code == 404
        assert client.post(f"{CHANGES}{change.pk}/delete/").status_code == 403
