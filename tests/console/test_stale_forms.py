"""Two people with the same form: the second is told, and nothing is lost or overwritten."""

import pytest

from customers.models import Customer
from inventory.models import Barcode, Product, Supplier
from tests.console import pages
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, SupplierFactory


@pytest.fixture
def supplier(db) -> Supplier:  # noqa: ARG001
    return SupplierFactory(code="S1", name="Old name", email="old@example.test")


def save(client, record, seen, **fields):
    kept = {"code": "S1", "name": "Old name", "email": "old@example.test", "phone": "", "notes": ""}
    return client.post(pages.page_of(record), {**kept, **fields, "seen_version": seen}, follow=True)


def test_saving_counts_the_version_up(as_role, supplier):
    answer = save(as_role("manager"), supplier, 1, name="New name")
    assert answer.redirect_chain
    supplier.refresh_from_db()
    assert (supplier.name, supplier.version) == ("New name", 2)


def test_the_form_carries_the_version_it_was_opened_with(as_role, supplier):
    opened = as_role("manager").get(pages.page_of(supplier)).content.decode()
    assert '<input type="hidden" name="seen_version" value="1">' in opened


def test_the_second_is_told_who_saved_what(as_role, supplier):
    ann = as_role("manager", first_name="Ann", last_name="Lee")
    bo = as_role("manager", first_name="Bo", last_name="Oak")
    save(ann, supplier, 1, name="Ann's name")
    answer = save(bo, supplier, 1, phone="0123")
    told = pages.text(answer)
    assert not answer.redirect_chain
    assert "Ann Lee saved this at" in told
    assert "Nothing was overwritten, and what you typed is still here." in told
    assert "Name: saved as “Ann's name”, in your form “Old name”." in told
    assert "Phone: saved as “—”, in your form “0123”." in told
    assert 'value="0123"' in answer.content.decode()
    supplier.refresh_from_db()
    assert (supplier.name, supplier.phone, supplier.version) == ("Ann's name", "", 2)


def test_having_been_told_saving_again_is_a_decision(as_role, supplier):
    ann, bo = as_role("manager"), as_role("manager")
    save(ann, supplier, 1, name="Ann's name")
    told = save(bo, supplier, 1, phone="0123")
    assert 'name="seen_version" value="2"' in told.content.decode()
    assert save(bo, supplier, 2, name="Ann's name", phone="0123").redirect_chain
    supplier.refresh_from_db()
    assert (supplier.name, supplier.phone, supplier.version) == ("Ann's name", "0123", 3)


def test_a_stale_product_form_changes_no_barcode_either(as_role, db):  # noqa: ARG001
    product = ProductFactory(sku="MUG", name="Mug")
    client = as_role("manager")
    form = {
        "sku": "MUG", "name": "Blue mug", "is_stocked": "on", "is_active": "on",
        "tax_category": "standard", "pack_multiple": "1", "minimum_order_quantity": "0",
        "barcodes-TOTAL_FORMS": "1", "barcodes-INITIAL_FORMS": "0",
        "barcodes-0-code": "5012345678900", "barcodes-0-unit_quantity": "12",
        "prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0",
        "reorder_rules-TOTAL_FORMS": "0", "reorder_rules-INITIAL_FORMS": "0",
    }  # fmt: skip
    Product.objects.filter(pk=product.pk).update(version=5)
    client.post(pages.page_of(product), {**form, "seen_version": 4})
    assert not Barcode.objects.exists()
    answer = client.post(pages.page_of(product), {**form, "seen_version": 5}, follow=True)
    assert answer.redirect_chain, pages.text(answer)
    product.refresh_from_db()
    assert (product.name, product.version) == ("Blue mug", 6)
    assert Barcode.objects.get().code == "05012345678900"


@pytest.mark.parametrize(
    ("code", "told"),
    [("5012345678901", "The check digit is wrong"), ("", "This field is required.")],
)
def test_a_wrong_barcode_is_refused(as_role, db, code, told):  # noqa: ARG001
    product = ProductFactory(sku="MUG", name="Mug")
    form = {
        "sku": "MUG", "name": "Mug", "is_stocked": "on", "is_active": "on", "seen_version": 1,
        "tax_category": "standard", "pack_multiple": "1", "minimum_order_quantity": "0",
        "barcodes-TOTAL_FORMS": "1", "barcodes-INITIAL_FORMS": "0",
        "barcodes-0-code": code, "barcodes-0-unit_quantity": "2",
        "prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0",
        "reorder_rules-TOTAL_FORMS": "0", "reorder_rules-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert told in pages.text(as_role("manager").post(pages.page_of(product), form))
    assert not Barcode.objects.exists()


def test_two_spellings_of_one_sku_are_one(as_role, db):  # noqa: ARG001
    ProductFactory(sku="MUG")
    other = ProductFactory(sku="TEA", name="Tea")
    form = {
        "sku": " mug ", "name": "Tea", "seen_version": 1, "tax_category": "standard",
        "pack_multiple": "1", "minimum_order_quantity": "0",
        **{f"{name}-{kind}_FORMS": "0" for name in ("barcodes", "prices", "reorder_rules")
           for kind in ("TOTAL", "INITIAL")},
    }  # fmt: skip
    answer = as_role("manager").post(pages.page_of(other), form)
    assert "Another product has this SKU." in pages.text(answer)


def test_a_customers_form_too(as_role, db):  # noqa: ARG001
    customer = CustomerFactory(name="Ann", version=3)
    form = {"name": "Bob", "tags": "vip, trade", "phone": "020 7946 0018"}
    client = as_role("sales")
    stale = client.post(pages.page_of(customer), {**form, "seen_version": 2})
    assert "Somebody else saved this" in pages.text(stale)
    assert Customer.objects.get().name == "Ann"
    answer = client.post(pages.page_of(customer), {**form, "seen_version": 3}, follow=True)
    assert answer.redirect_chain, pages.text(answer)
    customer.refresh_from_db()
    assert (customer.name, customer.version) == ("Bob", 4)
    assert (customer.tags, customer.phone) == (["vip", "trade"], "+442079460018")
