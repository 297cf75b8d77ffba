"""Files of customers: who is meant, what is kept in its normal form, who may see whom."""

from decimal import Decimal

import pytest

from config.kernel import clock
from config.kernel.actors import Actor
from config.kernel.uploads import exporting, layouts
from customers import addresses
from customers.models import Address, Customer, CustomerReference
from customers.services import addresses as address_book
from customers.services import identity, merging
from tests.desk import counts
from tests.factories.kernel import ChannelFactory

HEADER = ["channel", "reference", "email", "name"]


@pytest.fixture
def web(db):  # noqa: ARG001 - the test database
    return ChannelFactory(code="WEB")


def known(channel, **told):
    given = identity.given(country="GB", **told)
    return identity.identify(channel=channel, given=given, at=clock.now())


def test_customers_are_added_with_their_terms_and_address(desk, web):
    upload = desk.all_in(
        "customers",
        [*HEADER, "phone", "tags", "payment_terms_days", "credit_limit", "credit_currency",
         "line1", "city", "postal_code", "country"],
        ["web", "17850", "Ann@Example.com", "Ann", "01632 960001", "vip, trade", "30", "5000.5",
         "gbp", "1 High Street", "London", "SW1A 1AA", "gb"],
        ["WEB", "", "bob@example.com", "Bob", "", "", "", "", "", "", "", "", ""],
    )  # fmt: skip
    assert upload.figures["booked_new"] == 2
    ann = Customer.objects.get(name="Ann")
    assert (ann.channel, ann.email, ann.email_key, ann.phone) == (
        web, "Ann@Example.com", "ann@example.com", "+441632960001",
    )  # fmt: skip
    assert (sorted(ann.tags), ann.payment_terms_days, ann.credit_limit, ann.credit_currency) == (
        ["trade", "vip"], 30, Decimal("5000.5"), "GBP",
    )  # fmt: skip
    assert set(ann.references.values_list("kind", "value")) == {
        ("reference", "17850"),
        ("email", "ann@example.com"),
    }
    address = Address.objects.get()
    assert (address.customer, address.name, address.line1, address.country) == (
        ann, "Ann", "1 High Street", "GB",
    )  # fmt: skip
    bob = Customer.objects.get(name="Bob")
    assert list(bob.references.values_list("kind", "value")) == [("email", "bob@example.com")]


def test_who_is_meant_is_told_by_key_then_reference_then_email(desk, web):
    one = known(web, reference="1", email="one@example.com", name="One")
    two = known(web, reference="2", email="two@example.com", name="Two")
    three = known(web, email="three@example.com", name="Three")
    desk.all_in(
        "customers",
        ["customer", *HEADER],
        [str(one.pk), "WEB", "", "new@example.com", "Uno"],
        ["", "WEB", "2", "two@example.com", "Due"],
        ["", "WEB", "3", "three@example.com", "Tre"],
    )
    assert [Customer.objects.get(pk=who.pk).name for who in (one, two, three)] == [
        "Uno", "Due", "Tre",
    ]  # fmt: skip
    assert Customer.objects.count() == 3
    assert set(three.references.values_list("kind", "value")) == {
        ("email", "three@example.com"),
        ("reference", "3"),
    }
    assert set(one.references.values_list("kind", "value")) == {
        ("reference", "1"),
        ("email", "one@example.com"),
        ("email", "new@example.com"),
    }


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["", "NOPE", "1", "", ""], "unknown_channel"),
        (["", "WEB", "", "", "Somebody"], "nobody"),
        (["", "WEB", "", "no e-mail", "Somebody"], "nobody"),
        (["00000000-0000-7000-8000-000000000001", "WEB", "", "", ""], "unknown_customer"),
        (["not a key", "WEB", "1", "", ""], "not_a_key"),
    ],
)
def test_a_row_about_nobody_is_refused(desk, row, code):
    assert desk.codes(desk.check("customers", ["customer", *HEADER], row)) == {2: [code]}


def test_a_reference_of_another_customer_is_refused(desk, web):
    one = known(web, reference="1")
    known(web, reference="2")
    checked = desk.check("customers", ["customer", *HEADER], [str(one.pk), "WEB", "2", "", ""])
    assert desk.codes(checked) == {2: ["reference_of_another"]}


def test_two_rows_about_one_customer_contradict_each_other(desk, web):
    known(web, reference="1", email="one@example.com")
    checked = desk.check(
        "customers",
        HEADER,
        ["WEB", "1", "", "A"],
        ["WEB", "", "one@example.com", "B"],
        ["WEB", "9", "new@example.com", "C"],
        ["WEB", "", "new@example.com", "D"],
    )
    assert desk.codes(checked) == {3: ["twice"], 5: ["twice"]}


def test_an_email_that_identifies_another_stays_with_that_one(desk, web):
    one = known(web, reference="1", email="one@example.com")
    two = known(web, reference="2", email="two@example.com")
    desk.all_in("customers", HEADER, ["WEB", "1", "two@example.com", ""])
    one.refresh_from_db()
    assert one.email == "two@example.com"
    reference = CustomerReference.objects.get(kind="email", value="two@example.com")
    assert reference.customer == two


def test_customers_of_channels_one_may_not_see_do_not_exist(desk_of, web):
    shop = ChannelFactory(code="SHOP")
    hers = known(shop, reference="1", name="Hers")
    known(web, reference="1", name="His")
    desk = desk_of("sales", channels=[web])
    checked = desk.check(
        "customers",
        ["customer", *HEADER],
        ["", "SHOP", "1", "", "Stolen"],
        [str(hers.pk), "WEB", "", "", "Stolen"],
    )
    assert desk.codes(checked) == {2: ["unknown_channel"], 3: ["unknown_customer"]}
    assert [row[3] for row in desk.table("customers")] == ["name", "His"]


def test_a_merged_customer_is_not_brought_back(desk, web):
    gone, stays = known(web, reference="1"), known(web, reference="2")
    merging.merge(
        survivor=stays, duplicate=gone, actor=Actor.system("test"), reason="same", at=clock.now()
    )
    checked = desk.check("customers", ["customer", *HEADER], [str(gone.pk), "WEB", "", "", "X"])
    assert desk.codes(checked) == {2: ["unknown_customer"]}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing_when_uploaded(desk, web, form):
    odd = known(
        web, reference="00123", name="=cmd", company="a  b", phone="12 34", vat_number="nonsense 9",
        email="not an e-mail", language="en",
    )  # fmt: skip
    Customer.objects.filter(pk=odd.pk).update(
        tags=["vip", "b2b"], notes="two\nlines", credit_limit=Decimal("12.500"), is_blocked=True,
        blocked_reason="x",
    )  # fmt: skip
    plain = known(web, email="plain@example.com", phone="01632 960001", vat_number="GB100000034")
    for line1 in ("1 High Street", "2 Low Street"):
        checked = addresses.check({"name": "Other", "line1": line1, "country": "GB"})
        row = address_book.address_row(plain.pk, checked, clock.now())
        address_book.remember(rows=[row])
    nameless = addresses.check({"line1": "3", "country": "DE"})
    address_book.remember(rows=[address_book.address_row(odd.pk, nameless, clock.now())])
    known(ChannelFactory(code="SHOP"), reference="00123", name="'quoted")
    checked = desk.check("customers", desk.export("customers", form), name=f"x.{form}")
    assert desk.wrong(checked) == {}
    assert counts(checked) == (0, 0, 3, 0)


def test_what_is_not_in_the_file_stays(desk, web):
    one = known(web, reference="1", name="One", company="Kept", vat_number="GB100000034")
    Customer.objects.filter(pk=one.pk).update(notes="kept", tags=["kept"])
    desk.all_in("customers", ["channel", "reference", "name"], ["WEB", "1", "Uno"])
    one.refresh_from_db()
    assert (one.name, one.company, one.notes, one.tags, one.vat_number_valid) == (
        "Uno", "Kept", "kept", ["kept"], True,
    )  # fmt: skip
    assert one.version == 2


@pytest.mark.usefixtures("web")
def test_the_template_can_be_uploaded(desk):
    content = exporting.template(layout=layouts.of("customers"), form="xlsx")
    checked = desk.check("customers", content, name="x.xlsx")
    assert (desk.wrong(checked), counts(checked)) == ({}, (2, 0, 0, 0))
