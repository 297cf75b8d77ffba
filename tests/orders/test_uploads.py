"""Files of orders: placed like any other, once; what is there already is left."""

import pytest

from config.kernel.models import Channel, Event
from config.kernel.uploads import exporting, layouts
from orders.models import Hold, Order, OrderLine
from tests.desk import counts
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import line

HEAD = ["channel", "reference", "email", "name", "line1", "city", "postal_code", "country"]
LINE = ["sku", "quantity", "unit_price", "tax_rate"]
HEADER = [*HEAD, *LINE]
ANN = ["ann@example.com", "Ann Example", "1 High Street", "London", "SW1A 1AA", "GB"]
NOBODY = [""] * len(ANN)


@pytest.fixture
def code(shop):
    """The channel's code; ten mugs on the shelf."""
    shop.put("MUG", 10)
    shop.put("POT", 1)
    return shop.channel.code


def test_rows_with_one_reference_are_one_order_placed_like_any_other(desk, code):
    checked = desk.check(
        "orders",
        HEADER,
        [code.lower(), "B-1", *ANN, "mug", "2", "10.00", "20"],
        [code, "B-1", *NOBODY, "POT", "2", "5", ""],
        [code, "B-2", *ANN, "NOPE", "1", "1", ""],
    )
    assert counts(checked) == (3, 0, 0, 0)
    assert not Order.objects.exists()
    booked = desk.book(checked)
    assert (booked.status, booked.figures["booked_new"]) == ("done", 3)
    one, two = Order.objects.order_by("reference")
    assert (one.origin, one.email, one.total_amount) == ("import", "ann@example.com", 30)
    lines = OrderLine.objects.filter(order=one).order_by("position")
    assert list(lines.values_list("sku", "reserved", "backordered")) == [
        ("mug", 2, 0),
        ("POT", 1, 1),
    ]
    assert [hold.kind for hold in Hold.objects.filter(order=two)] == ["unknown_product"]
    placed = Event.objects.get(type="order.placed", aggregate_id=one.pk)
    assert (placed.actor_kind, placed.silent) == ("staff", False)


def test_rows_of_an_order_may_stand_apart_and_repeat_what_concerns_it(desk, code):
    desk.all_in(
        "orders",
        HEADER,
        [code, "B-1", *ANN, "MUG", "1", "1", ""],
        [code, "B-2", *ANN, "MUG", "1", "1", ""],
        [code, "B-1", *ANN, "POT", "1", "1", ""],
    )
    assert sorted(Order.objects.values_list("reference", "total_amount")) == [
        ("B-1", 2),
        ("B-2", 1),
    ]


def test_one_bad_row_keeps_its_whole_order_out_and_no_other(desk, code):
    checked = desk.check(
        "orders",
        HEADER,
        [code, "B-1", *ANN, "MUG", "1", "1", ""],
        [code, "B-1", *NOBODY, "POT", "none", "1", ""],
        [code, "B-2", *ANN, "MUG", "1", "1", ""],
    )
    assert desk.codes(checked) == {2: ["other_row"], 3: ["not_a_number"]}
    assert desk.wrong(checked)[2] == "Row 3 belongs to the same and is wrong."
    desk.book(checked, skip=True)
    assert list(Order.objects.values_list("reference", flat=True)) == ["B-2"]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"currency": "JPY"}, "currency"),
        ({"email": "no e-mail"}, "email"),
        ({"country": ""}, "country"),
        ({"shipping_amount": "1.999"}, "shipping_amount"),
        ({"line_discount": "99"}, "line_discount"),
        ({"deliver_by": "soon"}, "deliver_by"),
        ({"payment_amount": "5", "payment_method": "card"}, "payment_status"),
        ({"total_amount": "-1"}, "total_amount"),
        ({"channel": "NOPE"}, "channel"),
    ],
)
def test_what_the_contract_of_orders_refuses_is_named_by_its_column(desk, code, changed, column):
    row = dict(zip(HEADER, [code, "B-1", *ANN, "MUG", "1", "1", ""], strict=True)) | changed
    checked = desk.check("orders", list(row), list(row.values()))
    (faults,) = [one.faults for one in checked.rows.filter(outcome="bad")]
    assert [fault["column"] for fault in faults] == [column]
    assert desk.wrong(checked)[2].startswith(f"{column}: ")


def test_rows_that_contradict_their_first_are_refused(desk, code):
    bob = ["bob@example.com", *ANN[1:]]
    checked = desk.check(
        "orders",
        HEADER,
        [code, "B-1", *ANN, "MUG", "1", "1", ""],
        [code, "B-1", *bob, "POT", "1", "1", ""],
    )
    assert desk.wrong(checked)[3] == (
        "email: “bob@example.com” is not what row 2 of the same order says."
    )


def test_the_same_file_again_changes_nothing(desk, code):
    rows = [
        [code, "B-1", *ANN, "MUG", "2", "10.00", "20"],
        [code, "B-1", *NOBODY, "POT", "2", "5", ""],
    ]
    desk.all_in("orders", HEADER, *rows)
    checked = desk.check("orders", HEADER, *rows)
    assert (desk.wrong(checked), counts(checked)) == ({}, (0, 0, 2, 0))


def test_an_order_that_is_there_is_never_changed_by_a_file(desk, code):
    row = [code, "B-1", *ANN, "MUG", "2", "10.00", "20"]
    desk.all_in("orders", HEADER, row)
    more = [code, "B-1", *NOBODY, "POT", "1", "1", ""]
    other = [*row[:-4], "MUG", "3", "10.00", "20"]
    assert "with another quantity" in desk.wrong(desk.check("orders", HEADER, other))[2]
    wrong = desk.wrong(desk.check("orders", HEADER, row, more))
    assert "without this line" in wrong[3]
    assert Order.objects.get().total_amount == 20


def test_what_a_strict_channel_refuses_is_found_out_by_the_check(desk, shop, code):
    shop.change(
        unknown_sku_policy=Channel.UnknownSku.REFUSE, shortage_policy=Channel.Shortage.REFUSE
    )
    checked = desk.check(
        "orders",
        HEADER,
        [code, "B-1", *ANN, "NOPE", "1", "1", ""],
        [code, "B-2", *ANN, "POT", "2", "1", ""],
        [code, "B-3", *ANN, "POT", "1", "1", ""],
    )
    assert desk.wrong(checked) == {
        2: "This sales channel takes no unknown SKUs: NOPE.",
        3: "This sales channel takes no backorders, and stock is short: POT.",
    }


def test_what_runs_out_while_it_is_booked_is_left_out_and_told(desk, shop, code):
    shop.change(shortage_policy=Channel.Shortage.REFUSE)
    checked = desk.check(
        "orders",
        HEADER,
        [code, "B-1", *ANN, "POT", "1", "1", ""],
        [code, "B-2", *ANN, "POT", "1", "1", ""],
    )
    assert counts(checked) == (2, 0, 0, 0)
    booked = desk.book(checked)
    assert (booked.figures["booked_new"], booked.figures["turned_bad"]) == (1, 1)
    assert list(Order.objects.values_list("reference", flat=True)) == ["B-1"]
    assert desk.codes(booked) == {3: ["out_of_stock"]}
    (_, row) = desk.error_file(booked)
    assert row[0] == "This sales channel takes no backorders, and stock is short: POT."
    assert row[2] == "B-2"


def test_orders_of_channels_one_may_not_see_do_not_exist(desk_of, shop, code):
    other = ChannelFactory(code="OTHER")
    desk = desk_of("sales", channels=[other])
    checked = desk.check("orders", HEADER, [code, "B-1", *ANN, "MUG", "1", "1", ""])
    assert desk.codes(checked) == {2: ["unknown_channel"]}
    shop.place(line("MUG", 1))
    assert len(desk.table("orders")) == 1
    assert len(desk_of("sales").table("orders")) == 2


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing_when_uploaded(desk, shop, form):
    shop.place(
        line("MUG", 2, "8.325", discount_amount="1.00", description="=mug", reference="b"),
        line("MUG", 1, "0.00", reference="a"),
        line("NOPE", 3, "1234567.123456", buyer_item_number="00123"),
        reference="=1+1",
        shipping_amount="4.95",
        shipping_tax_rate="20.00",
        gift_message="two\nlines",
        note="'quoted",
        priority="urgent",
        ship_not_before="2027-01-05",
        deliver_by="2027-01-09",
        payments=[{"method": "card", "status": "paid", "amount": "5.00", "reference": "-1"}],
    )
    shop.place(customer=None)
    checked = desk.check("orders", desk.export("orders", form), name=f"x.{form}")
    assert (desk.wrong(checked), counts(checked)) == ({}, (0, 0, 4, 0))


@pytest.mark.usefixtures("code")
def test_the_template_can_be_uploaded(desk, shop):
    Channel.objects.filter(pk=shop.channel.pk).update(code="WEB")
    content = exporting.template(layout=layouts.of("orders"), form="csv")
    checked = desk.check("orders", content)
    assert (desk.wrong(checked), counts(checked)) == ({}, (2, 0, 0, 0))
    assert desk.book(checked).figures["booked_new"] == 2
