"""The order's page and its buttons: everything told, every change through one service."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, ids, sections
from orders.models import Hold, Order, OrderNote
from orders.services import holds, mappings
from orders.services.mappings import Part
from orders.states import HoldStatus, OrderStatus
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import ADDRESS, STAFF, Shop, buckets, counters, line

BAD_ADDRESS = {**ADDRESS, "postal_code": "NONSENSE"}
MOST_STATEMENTS = 18


@pytest.fixture
def order(shop: Shop) -> Order:
    shop.put("MUG", 5)
    shop.put("TEA")
    return shop.place(
        line("MUG", 2, "10.00"),
        line("TEA", 3, "3.33"),
        payments=[{"method": "card", "status": "paid", "amount": "10.00"}],
        note="Ring twice\nplease",
        gift_message="From <b>Bo</b>",
        customer_order_number="PO-1001",
        metadata={"campaign": "autumn"},
    )


def test_the_page_tells_everything(as_role, order):
    told = pages.text(as_role("sales").get(pages.page_of(order)))
    for part in (
        order.number,
        "Partly ready",
        "2 units can go, waiting for 3 × TEA – Purchasing",
        "2 allocated",
        "MAIN: 2",
        "3 backordered",
        "Charged £29.99",
        "Paid £10.00",
        "Due £19.99",
        "Ann Example 1 High Street London SW1A 1AA UNITED KINGDOM",
        "PO-1001",
        "Ring twice please",
        "From <b>Bo</b>",
        "campaign autumn",
        "Order placed",
    ):
        assert part in told


def test_what_was_charged_shows_its_rounding(as_role, shop):
    shop.put("MUG", 5)
    order = shop.place(line("MUG", 3, "8.325"), total_amount="24.97")
    told = pages.text(as_role("finance").get(pages.page_of(order)))
    assert "Lines £24.98 Rounding −£0.01 Charged £24.97" in told


def test_the_page_takes_a_fixed_number_of_statements(as_role, shop, order):
    client = as_role("sales", channels=[shop.channel])

    def taken(one):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(pages.page_of(one)).status_code == 200
        return len(captured)

    small = shop.place(line("MUG", 1))
    taken(small)  # what is remembered for all pages is read by the first
    assert taken(order) == taken(small) <= MOST_STATEMENTS


def test_another_channels_order_is_a_404_like_an_unknown_one(as_role, order):
    client = as_role("manager", channels=[ChannelFactory()])
    assert client.get(pages.page_of(order)).status_code == 404
    for button in ("hold", "cancel", "release-hold", "correct-address"):
        address = pages.page_of(order).replace("change/", f"{button}/")
        assert client.get(address).status_code == 404
        assert client.post(address, {"reason": "x"}).status_code == 404
    assert client.get(f"{pages.ORDERS}nonsense/change/").status_code == 404


def test_orders_are_neither_added_nor_changed_nor_deleted_by_forms(as_role, order):
    client = as_role("superuser")
    assert client.get(f"{pages.ORDERS}add/").status_code == 403
    assert client.get(pages.page_of(order).replace("change/", "delete/")).status_code == 403
    client.post(pages.page_of(order), {"status": "cancelled"})
    order.refresh_from_db()
    assert order.status == OrderStatus.OPEN


def test_hold_and_release(as_role, order):
    client = as_role("sales", first_name="Ann", last_name="Lee")
    answer = pages.press(client, order, "hold", reason="Call first")
    assert "On hold: Manual" in pages.text(answer)
    assert "Ann Lee: Call first" in pages.text(answer)
    hold = Hold.objects.get(order=order)
    answer = pages.press(client, order, "release-hold", hold=hold.pk, reason="Called")
    assert "The hold is released." in pages.text(answer)
    assert "released: Called" in pages.text(answer)
    hold.refresh_from_db()
    assert (hold.status, hold.released_by, hold.reason) == ("released", "Ann Lee", "Called")


def test_a_button_needs_a_reason_and_changes_nothing_without(as_role, order):
    answer = pages.press(as_role("sales"), order, "hold", reason=" ")
    assert answer.status_code == 422
    assert "This field is required." in pages.text(answer)
    assert not Hold.objects.exists()


def test_a_hold_released_by_somebody_else_meanwhile_is_told(as_role, order):
    holds.place(order_ids=[order.pk], reason="x", actor=STAFF, at=clock.now())
    client = as_role("sales")
    address = pages.page_of(order).replace("change/", "release-hold/")
    opened = client.get(address)
    hold = Hold.objects.get()
    holds.release(hold_id=hold.pk, reason="faster", actor=STAFF, at=clock.now())
    key = opened.context["form"].initial["command_id"]
    answer = client.post(address, {"hold": hold.pk, "reason": "late", "command_id": key})
    assert "somebody was faster" in pages.text(answer)
    hold.refresh_from_db()
    assert hold.reason == "faster"


def test_cancel_a_part_gives_its_stock_back(as_role, shop, order):
    mug, tea = order.lines.order_by("position")
    level = shop.put("MUG")
    assert counters(level) == (5, 0, 2)
    answers = {f"line-{mug.pk}": 1, f"line-{tea.pk}": 0, "reason": "One is enough"}
    answer = pages.press(as_role("sales"), order, "cancel", **answers)
    assert "1 unit cancelled: One is enough" in pages.text(answer)
    assert buckets(order) == [{"cancelled": 1, "reserved": 1}, {"backordered": 3}]
    assert counters(level) == (5, 0, 1)


def test_cancel_everything(as_role, order):
    mug, tea = order.lines.order_by("position")
    answers = {f"line-{mug.pk}": 2, f"line-{tea.pk}": 3, "reason": "Changed their mind"}
    answer = pages.press(as_role("sales"), order, "cancel", **answers)
    assert "Order cancelled: Changed their mind" in pages.text(answer)
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_cancelling_nothing_is_refused(as_role, order):
    fields = {f"line-{one.pk}": 0 for one in order.lines.all()}
    answer = pages.press(as_role("sales"), order, "cancel", reason="x", **fields)
    assert "Nothing is chosen to be cancelled." in pages.text(answer)


def test_correct_address_lets_the_order_go(as_role, shop):
    shop.put("MUG", 5)
    order = shop.place(line(), shipping_address=BAD_ADDRESS)
    client = as_role("sales")
    shown = client.get(pages.page_of(order))
    assert "Check the delivery address: postcode" in pages.text(shown)
    still_bad = pages.press(client, order, "correct-address", **{**BAD_ADDRESS, "city": "Leeds"})
    assert "it still does not look right" in pages.text(still_bad)
    answer = pages.press(client, order, "correct-address", **ADDRESS)
    assert "The address is corrected." in pages.text(answer)
    assert "Ready to pick" in pages.text(answer)
    assert Hold.objects.get().status == HoldStatus.RELEASED


@pytest.mark.parametrize("button", ["cancel", "release-hold", "correct-address"])
def test_the_warehouse_may_not(as_role, order, button):
    client = as_role("warehouse")
    address = pages.page_of(order).replace("change/", f"{button}/")
    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert buckets(order) == [{"reserved": 2}, {"backordered": 3}]


def test_only_allowed_buttons_are_shown(as_role, order):
    shown = pages.text(as_role("warehouse").get(pages.page_of(order)))
    assert "Put on hold" in shown
    assert "Correct address" not in shown


def test_later_apps_add_their_sections(as_role, order, monkeypatch):
    registered = {}
    monkeypatch.setattr(sections, "_sections", {"order": registered})
    sections.register(
        "order",
        "parcels",
        load=lambda ids: {ids[0]: {"reset": "?p"}},
        template="console/empty.html",
    )
    assert pages.text(as_role("sales").get(pages.page_of(order))).count("Show everything") == 0
    monkeypatch.setitem(
        registered,
        "parcels",
        sections.Section("parcels", lambda ids: {ids[0]: 1}, "orders/rows.html"),
    )
    assert "Ship by" in pages.text(as_role("sales").get(pages.page_of(order)))


def test_times_are_the_readers(as_role, order):
    Order.objects.filter(pk=order.pk).update(placed_at="2026-07-01T12:00:00Z")
    warsaw = as_role("sales", time_zone="Europe/Warsaw").get(pages.page_of(order))
    assert "placed 1 Jul, 14:00" in pages.text(warsaw)
    tokyo = as_role("sales", time_zone="Asia/Tokyo").get(pages.page_of(order))
    assert "placed 1 Jul, 21:00" in pages.text(tokyo)


def test_each_opening_of_a_button_has_its_own_command(as_role, order):
    client = as_role("sales")
    address = pages.page_of(order).replace("change/", "hold/")
    keys = {client.get(address).context["form"].initial["command_id"] for _ in range(2)}
    assert len(keys) == 2


def test_a_recorded_payment_lets_the_order_go(as_role, shop):
    shop.put("MUG", 5)
    shop.change(payment_required=True)
    order = shop.place(line("MUG", 2, "10.00"))
    client = as_role("finance")
    assert "Waiting for payment of £20.00" in pages.text(client.get(pages.page_of(order)))
    wrong = pages.press(client, order, "record-payment", amount="0.001", method="x", reference="r")
    assert "This is not an amount of money." in pages.text(wrong)
    answers = {"amount": "20.00", "method": "bank transfer", "reference": "B-77"}
    told = pages.text(pages.press(client, order, "record-payment", **answers))
    assert "The payment is recorded." in told
    assert "Ready to pick" in told
    assert "Due £0.00" in told
    address = pages.page_of(order).replace("change/", "record-payment/")
    assert as_role("sales").get(address).status_code == 403


def test_a_set_is_shown_as_sold_with_its_parts_below(as_role, shop):
    level = shop.put("MUG", 20)
    mappings.add(channel_id=shop.channel.pk, sku="MUG-6PK", parts=[Part(level.product_id, 6)])
    order = shop.place(line("MUG-6PK", quantity=2, unit_price="50.00"))
    client = as_role("sales")
    told = pages.text(client.get(pages.page_of(order)))
    assert "MUG-6PK set" in told
    assert "2 2 allocated £50.00 20 % tax £100.00" in told
    assert "6 × MUG" in told
    assert "12 12 allocated MAIN: 12" in told

    asked = client.get(pages.page_of(order).replace("change/", "cancel/")).content.decode()
    assert asked.count('type="number"') == 1
    assert "of 2" in asked
    sent = order.lines.get(sku="MUG-6PK")
    pages.press(client, order, "cancel", reason="one is enough", **{f"line-{sent.pk}": 1})
    told = pages.text(client.get(pages.page_of(order)))
    assert "2 1 cancelled 1 allocated" in told
    assert "12 6 cancelled 6 allocated" in told


def test_a_note_is_written_pinned_and_shown_first(as_role, order):
    client = as_role("sales", first_name="Lea", last_name="Lead")
    pages.press(client, order, "add-note", text="Rings twice")
    shown = pages.press(client, order, "add-note", text="<b>Call</b> first", is_pinned="on")
    assert "keep Pinned note: <b>Call</b> first Lea Lead ·" in pages.text(shown)
    assert b"<b>Call</b>" not in shown.content
    listed = client.get(pages.ORDERS).content.decode()
    assert 'class="k-pin" title="&lt;b&gt;Call&lt;/b&gt; first"' in listed

    pinned = OrderNote.objects.get(is_pinned=True)
    shown = pages.press(client, order, "unpin-note", note=pinned.pk)
    assert "Pinned note" not in pages.text(shown)
    pages.press(client, order, "pin-note", note=OrderNote.objects.get(text="Rings twice").pk)
    shown = pages.press(client, order, "remove-note", note=pinned.pk)
    assert "keep Pinned note: Rings twice" in pages.text(shown)
    assert "Call" not in pages.text(shown)
    assert "Note removed" in pages.text(shown)


def test_a_note_of_another_order_is_out_of_reach(as_role, shop, order):
    mine, other = order, shop.place(line("MUG"))
    client = as_role("sales")
    pages.press(client, other, "add-note", text="Other")
    answer = pages.press(client, mine, "remove-note", note=OrderNote.objects.get().pk)
    assert answer.status_code == 422
    assert OrderNote.objects.exists()


def test_tags_are_put_on_and_taken_off_in_place(as_role, order):
    client = as_role("sales")
    pages.press(client, order, "tag", tag="VIP")
    shown = pages.press(client, order, "tag", tag="vip")
    assert shown.content.decode().count('class="k-tag k-tag-indigo">VIP') == 1
    assert 'class="k-tag k-tag-indigo">VIP' in client.get(pages.ORDERS).content.decode()
    assert "Tagged: VIP" in pages.text(shown)
    shown = pages.press(client, order, "untag", tag="VIP")
    assert "k-tag-indigo" not in shown.content.decode()
    assert "Tag removed: VIP" in pages.text(shown)


def test_who_may_only_read_sees_notes_and_tags(as_role, order):
    pages.press(as_role("sales"), order, "add-note", text="Read me")
    reader = as_role("sales")
    reader.user.groups.clear()
    reader.user.user_permissions.add(Permission.objects.get(codename="view_order"))
    shown = reader.get(pages.page_of(order)).content.decode()
    assert "Read me" in shown
    assert "add-note" not in shown
    assert reader.post(pages.page_of(order).replace("change/", "add-note/")).status_code == 403


class TestGivingStock:
    @pytest.fixture
    def orders(self, shop):
        shop.put("MUG", 3, name="Mug")
        loser = shop.place(line("MUG", 3))
        return loser, shop.place(line("MUG", 2), priority="urgent")

    def test_the_line_that_waits_gets_it_from_another_order(self, as_role, orders):
        loser, winner = orders
        client = as_role("manager")
        page = client.get(pages.page_of(winner))
        assert "Get stock" in pages.text(page)
        assert "Give stock" not in pages.text(page)
        address = pages.page_of(winner).replace(
            "change/", f"take-stock/?line={winner.lines.get().pk}"
        )
        form = client.get(address).context["form"]
        ((key, told),) = form.fields["other"].choices
        assert told.startswith(f"{loser.number} · Ann Example · MAIN · 3 units · ship by ")
        answers = {
            "line": str(winner.lines.get().pk), "other": key, "quantity": "2",
            "reason": "Complaint", "command_id": str(form.initial["command_id"]),
        }  # fmt: skip
        told = pages.text(client.post(address, answers, follow=True))
        assert f"{loser.number} has given 2 to {winner.number} and waits in its place." in told
        assert f"2 units received from {loser.number}: Complaint" in told
        assert buckets(winner) == [{"reserved": 2}]
        assert buckets(loser) == [{"backordered": 2, "reserved": 1}]

    def test_the_line_that_has_it_gives_it_away(self, as_role, orders):
        loser, winner = orders
        client = as_role("manager")
        address = pages.page_of(loser).replace(
            "change/", f"give-stock/?line={loser.lines.get().pk}"
        )
        form = client.get(address).context["form"]
        assert [told for _key, told in form.fields["level"].choices] == ["MAIN: 3"]
        answers = {
            "line": str(loser.lines.get().pk), "other": str(winner.lines.get().pk),
            "level": form.fields["level"].choices[0][0], "reason": "VIP",
        }  # fmt: skip
        for quantity, status in (("3", 409), ("1", 200)):
            given = {**answers, "quantity": quantity, "command_id": str(ids.new())}
            assert client.post(address, given, follow=True).status_code == status
        assert buckets(winner) == [{"backordered": 1, "reserved": 1}]

    def test_a_reason_is_required_and_the_right(self, as_role, orders):
        loser, winner = orders
        address = pages.page_of(winner).replace(
            "change/", f"take-stock/?line={winner.lines.get().pk}"
        )
        sales = as_role("sales")
        assert sales.get(address).status_code == 403
        assert "Get stock" not in pages.text(sales.get(pages.page_of(winner)))
        client = as_role("manager")
        form = client.get(address).context["form"]
        answers = {
            "line": str(winner.lines.get().pk), "other": form.fields["other"].choices[0][0],
            "quantity": "1", "reason": "", "command_id": str(ids.new()),
        }  # fmt: skip
        assert client.post(address, answers).status_code == 422
        assert buckets(loser) == [{"reserved": 3}]

    def test_orders_of_other_channels_are_not_offered(self, as_role, shop, orders):
        _loser, winner = orders
        client = as_role("manager", channels=[shop.channel])
        other = Shop(ChannelFactory(), shop.warehouse)
        shop.put("MUG", 5)
        other.place(line("MUG", 2))
        address = pages.page_of(winner).replace(
            "change/", f"take-stock/?line={winner.lines.get().pk}"
        )
        assert len(client.get(address).context["form"].fields["other"].choices) == 1

    def test_where_nobody_has_any_there_is_nothing_to_press(self, as_role, shop):
        shop.put("MUG")
        order = shop.place(line("MUG", 2))
        address = pages.page_of(order).replace(
            "change/", f"take-stock/?line={order.lines.get().pk}"
        )
        told = pages.text(as_role("manager").get(address))
        assert "No other order has any of it allocated that you may see." in told
        assert "Take these units" not in told
