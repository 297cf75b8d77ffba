"""New order's doors: who may, what is suggested, what it comes to, what is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from config.kernel.models import Channel
from customers.models import Customer, CustomerReference
from inventory.models import Barcode, Reservation
from orders.models import Order
from tests.console import pages
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import ADDRESS, Shop, document, line

NEW = "/admin/orders/order/new/"
TOKEN = "0123456789"


@pytest.fixture
def desk(shop: Shop) -> Shop:
    shop.change(kind=Channel.Kind.STAFF, code="DESK")
    shop.put("MUG", 5, name="Mug, blue")
    shop.price("MUG", "10.00")
    return shop


def sheet(shop: Shop, **more: Any) -> dict[str, Any]:
    """Return a form as the page sends it."""
    return {
        "token": TOKEN,
        "channel": str(shop.channel.pk),
        "currency": "GBP",
        "prices_include_tax": True,
        "customer": {"id": "", "name": "Ann Example"},
        "shipping_address": ADDRESS,
        "lines": [{"sku": "mug", "quantity": "2", "unit_price": "10.00", "tax_rate": "20"}],
        **more,
    }


def send(client, door: str, body: dict[str, Any]) -> Any:
    return client.post(f"{NEW}{door}/", json.dumps(body), content_type="application/json")


def faults(answer) -> dict[str, str]:
    return {one["path"]: one["text"] for one in answer.json()["faults"]}


class TestRights:
    @pytest.mark.parametrize("role", ["warehouse", "finance"])
    def test_who_may_not_enter_orders_finds_no_door(self, as_role, desk, role):
        client = as_role(role)
        assert client.get(NEW).status_code == 403
        assert client.get(f"{NEW}products/", {"q": "MUG"}).status_code == 403
        assert send(client, "place", sheet(desk)).status_code == 403
        assert b"New order" not in client.get(pages.ORDERS).content

    def test_a_channel_that_is_not_for_staff_or_not_theirs_is_none(self, as_role, desk):
        client = as_role("sales", channels=[ChannelFactory(kind=Channel.Kind.STAFF)])
        assert faults(send(client, "place", sheet(desk))) == {"$.channel": "Please fill this in."}
        desk.change(kind=Channel.Kind.API)
        assert send(as_role("sales"), "place", sheet(desk)).status_code == 422
        limited = as_role("sales", channels=[desk.channel])
        assert "No sales channel for staff" in pages.text(limited.get(NEW))
        assert not Order.objects.exists()

    def test_a_customer_of_another_channel_is_nobody(self, as_role, desk):
        other = CustomerFactory(name="Olga Other", email="olga@example.test")
        client = as_role("sales", channels=[desk.channel])
        assert client.get(f"{NEW}customers/", {"q": "Olga"}).json() == {"found": []}
        assert client.get(f"{NEW}customer/", {"customer": str(other.pk)}).status_code == 404
        body = sheet(desk, customer={"id": str(other.pk), "name": "Olga"})
        assert send(client, "place", body).status_code == 404
        assert send(client, "preview", body).status_code == 404

    def test_an_order_of_another_channel_is_not_copied(self, as_role, desk):
        order = desk.place(line("MUG"))
        client = as_role("sales", channels=[ChannelFactory(kind=Channel.Kind.STAFF)])
        assert b"ann@example.test" not in client.get(NEW, {"copy": str(order.pk)}).content


class TestSuggestions:
    @pytest.mark.parametrize(
        "term",
        ["ann", "Example", "ANN@example.test", "+44 20 7946 0018", "17850", "sw1a1aa", "SO-{}"],
    )
    def test_customers_are_found_by_whatever_people_have_in_hand(self, as_role, desk, term):
        who = {
            "reference": "17850", "name": "Ann Example", "email": "ann@example.test",
            "phone": "020 7946 0018",
        }  # fmt: skip
        order = desk.place(customer=who)
        term = term.format(order.number.removeprefix("SO-"))
        (found,) = as_role("sales").get(f"{NEW}customers/", {"q": term}).json()["found"]
        assert found["title"] == "Ann Example"
        assert found["text"] == "ann@example.test · +442079460018 · SW1A 1AA London"

    def test_a_chosen_customer_brings_addresses_terms_and_credit(self, as_role, desk):
        order = desk.place(line("MUG", 2))
        Customer.objects.update(
            payment_terms_days=14, credit_limit=15, credit_currency="GBP", is_blocked=True,
            blocked_reason="Unpaid bills",
        )  # fmt: skip
        answer = as_role("sales").get(f"{NEW}customer/", {"customer": str(order.customer_id)})
        told = answer.json()
        assert told["contact"]["email"] == "ann@example.test"
        assert [one["parts"]["postal_code"] for one in told["addresses"]] == ["SW1A 1AA"]
        assert [one["text"] for one in told["notes"]] == [
            "The customer is blocked: Unpaid bills",
            "Pays within 14 days",
            "Owes £20.00 of at most £15.00",
        ]
        assert [one["number"] for one in told["orders"]] == [order.number]

    def test_products_are_found_with_price_and_what_is_available_where(self, as_role, desk):
        north = WarehouseFactory(code="NORTH", priority=20)
        desk.put("MUG", 3, warehouse=north)
        desk.put("MUG-RED", 0, name="Mug, red", is_active=False)
        client = as_role("sales")
        for term in ("mug", "blue", "Blue mu"):
            (found,) = client.get(f"{NEW}products/", {"q": term, "currency": "GBP"}).json()["found"]
            assert (found["title"], found["price"]) == ("MUG", "£10.00")
            assert (found["available"], found["units"]) == ("MAIN 5 · NORTH 3", 1)

    def test_the_code_of_a_case_stands_for_what_is_in_it(self, as_role, desk):
        mug = desk.put("MUG").product
        Barcode.objects.create(product=mug, code="15012345678907", unit_quantity=6)
        params = {"q": "15012345678907", "currency": "GBP"}
        (found,) = as_role("sales").get(f"{NEW}products/", params).json()["found"]
        assert (found["sku"], found["units"], found["is_scanned"]) == ("MUG", 6, True)

    def test_suggestions_cost_a_fixed_number_of_statements(
        self, as_role, desk, django_assert_max_num_queries
    ):
        for number in range(20):
            desk.put(f"CUP-{number}", 4, name=f"Cup {number}")
            desk.place(
                customer={"reference": f"R{number}", "name": f"Ann {number}"},
                reference=f"N{number}",
            )
        client = as_role("sales")
        client.get(f"{NEW}products/", {"q": "x"})
        with django_assert_max_num_queries(10):
            client.get(f"{NEW}products/", {"q": "cup", "currency": "GBP"})
        with django_assert_max_num_queries(12):
            client.get(f"{NEW}customers/", {"q": "ann"})


class TestPreview:
    def test_what_can_be_read_is_shown_and_the_rest_told(self, as_role, desk):
        lines = [
            {"sku": "MUG", "quantity": "x", "unit_price": "10"},
            {"sku": "MUG", "quantity": "7", "unit_price": "10.00", "tax_rate": "20"},
        ]
        body = sheet(desk, lines=lines, shipping_amount="1.999", deliver_by="never")
        told = send(as_role("sales"), "preview", body).json()
        assert {one["path"] for one in told["faults"]} == {
            "$.lines[0].quantity", "$.shipping_amount", "$.deliver_by",
        }  # fmt: skip
        assert told["total"] == "£70.00"
        assert list(told["lines"]) == ["1"]
        notes = told["lines"]["1"]["notes"]
        assert [one["text"] for one in notes] == ["2 of 7 will be backordered"]
        assert not Order.objects.exists()
        assert not Reservation.objects.exists()

    def test_nothing_yet_is_no_fault(self, as_role, desk):
        told = send(as_role("sales"), "preview", sheet(desk, lines=[])).json()
        assert (told["faults"], told["totals"]) == ([], [])

    def test_a_second_order_of_the_same_is_told(self, as_role, desk):
        order = desk.place(line("MUG", 2))
        body = sheet(desk, customer={"id": str(order.customer_id), "name": "Ann Example"})
        told = send(as_role("sales"), "preview", body).json()
        assert [one["text"] for one in told["notes"]] == [f"Looks like a second {order.number}"]

    def test_what_would_be_refused_is_told_without_a_date(self, as_role, desk):
        desk.change(shortage_policy=Channel.Shortage.REFUSE)
        lines = [{"sku": "MUG", "quantity": "7", "unit_price": "10.00"}]
        told = send(as_role("sales"), "preview", sheet(desk, lines=lines)).json()
        assert told["promise"] == []
        assert [one["text"] for one in told["notes"]] == [
            "Not enough stock, and this channel takes no backorders."
        ]

    def test_what_leaves_when_and_from_where_is_told(self, as_role, desk):
        told = send(as_role("sales"), "preview", sheet(desk)).json()
        labels = [one["label"] for one in told["promise"]]
        assert (labels, told["promise"][1]["amount"]) == (["Ship by", "From"], "MAIN")
        lines = [{"sku": "MUG", "quantity": "7", "unit_price": "10.00"}]
        told = send(as_role("sales"), "preview", sheet(desk, lines=lines)).json()
        assert told["promise"][0]["label"] == "Ship by, what is there"
        body = sheet(desk, lines=lines, ship_complete=True)
        told = send(as_role("sales"), "preview", body).json()
        assert told["promise"] == [{"label": "Ship by", "amount": "nobody can say yet"}]

    def test_a_payment_of_the_whole_is_counted(self, as_role, desk):
        desk.change(payment_required=True)
        client = as_role("sales")
        told = send(client, "preview", sheet(desk)).json()
        assert [one["text"] for one in told["notes"]] == [
            "Would wait: Waiting for payment of £20.00 – Finance"
        ]
        told = send(client, "preview", sheet(desk, payment={"kind": "paid", "method": "card"}))
        assert told.json()["notes"] == []

    @pytest.mark.parametrize(
        "part",
        [
            {"currency": "EUR"}, {"payment": {"kind": "paid"}}, {"lines": "no list"},
            {"lines": [{}]}, {"customer": 7}, {"payment": {"kind": "terms", "days": "many"}},
        ],
    )  # fmt: skip
    def test_whatever_is_sent_ends_in_an_answer(self, as_role, desk, part):
        assert send(as_role("sales"), "preview", sheet(desk, **part)).status_code == 200


class TestPlacing:
    def test_the_order_is_like_one_of_the_api(self, as_role, desk):
        client = as_role("sales", first_name="Sara", last_name="Okafor")
        answer = send(client, "place", sheet(desk, payment={"kind": "paid", "method": "cash"}))
        order = Order.objects.get()
        assert answer.json() == {"url": pages.page_of(order)}
        assert (order.reference, order.origin) == (f"DESK-{TOKEN}", "staff")
        assert (order.payment_status, order.paid_amount) == ("paid", Decimal("20.00"))
        assert f"{order.number} is placed." in pages.text(client.get(answer.json()["url"]))
        assert "Sara Okafor" in pages.text(client.get(answer.json()["url"]))

    def test_a_customer_of_another_channel_is_known_here_from_now_on(self, as_role, desk):
        other = CustomerFactory(name="Olga Other", email="olga@example.test")
        chosen = {"id": str(other.pk), "name": "Olga Other", "phone": "020 7946 0018"}
        client = as_role("sales")
        send(client, "place", sheet(desk, customer=chosen))
        send(client, "place", sheet(desk, customer=chosen, token="9" * 10))
        assert set(Order.objects.values_list("customer", flat=True)) == {other.pk}
        known = CustomerReference.objects.get(channel=desk.channel)
        assert (known.customer_id, known.value) == (other.pk, str(other.pk))
        other.refresh_from_db()
        assert other.phone == "+442079460018"

    def test_a_form_sent_again_after_a_change_says_so(self, as_role, desk):
        client = as_role("sales")
        send(client, "place", sheet(desk))
        answer = send(client, "place", sheet(desk, note="one more thing"))
        assert answer.status_code == 409
        assert "placed already" in answer.json()["told"]
        assert Order.objects.count() == 1

    def test_an_order_without_a_name_or_a_line_is_refused_with_all_faults(self, as_role, desk):
        answer = send(as_role("sales"), "place", sheet(desk, customer={}, lines=[]))
        assert answer.status_code == 422
        assert faults(answer) == {
            "$.customer.name": "Please fill this in.",
            "$.lines": "Add at least one line.",
        }

    def test_amounts_may_be_typed_as_germans_do(self, as_role, desk):
        lines = [{"sku": "MUG", "quantity": "1", "unit_price": "9,50", "tax_rate": "20"}]
        send(as_role("sales", language="de"), "place", sheet(desk, lines=lines))
        assert Order.objects.get().total_amount == Decimal("9.50")

    def test_a_forged_form_is_refused(self, as_role, desk):
        assert send(as_role("sales"), "place", sheet(desk, token="'; --")).status_code == 422
        client = as_role("sales")
        client.handler.enforce_csrf_checks = True
        assert send(client, "place", sheet(desk)).status_code == 403
        assert not Order.objects.exists()


def test_a_copy_leaves_out_what_was_cancelled(as_role, desk):
    desk.put("TEA", 5)
    order = desk.place(line("MUG", 2), line("TEA", 3))
    tea = order.lines.get(sku="TEA")
    pages.press(
        as_role("manager"), order, "cancel", reason="x", **{f"line-{tea.pk}": "3"},
        **{f"line-{order.lines.get(sku='MUG').pk}": "0"},
    )  # fmt: skip
    page = as_role("sales").get(NEW, {"copy": str(order.pk)})
    start = json.loads(page.context["start"])
    assert [one["sku"] for one in start["copied"]["lines"]] == ["MUG"]
    assert start["copied"]["lines"][0]["was"] == ""


def test_the_api_still_refuses_nothing_new(desk):
    body = document(line("MUG"), payment_terms_days=30)
    assert desk.post(body).json()["payment_terms_days"] == 30
    assert desk.post(document(line("MUG"), payment_terms_days=900)).status_code == 422
