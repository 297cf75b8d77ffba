"""Failed orders in the console: what is wrong where, trying again, dismissing, who may."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import jobs
from orders.models import FailedOrder, Order
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import Shop, document, line

FAILED = "/admin/orders/failedorder/"
TODAY = "/admin/"


def fail(shop: Shop, reference: str = "WEB-7", **more) -> FailedOrder:
    shop.post(document(line(quantity=0), reference=reference, **more))
    return FailedOrder.objects.get(reference=reference)


def button(client, record, name):
    return client.get(pages.page_of(record).replace("change/", f"{name}/"))


def test_the_number_on_today_opens_what_it_counts(as_role, shop):
    for number in range(3):
        fail(shop, f"WEB-{number}")
    client = as_role("sales")
    assert "Failed orders error 3 not taken in" in pages.text(client.get(TODAY))
    told = pages.text(client.get(FAILED))
    assert [told.count(f"WEB-{number}") for number in range(3)] == [1, 1, 1]
    assert "Content not valid 3 lines[0].quantity is too small" in told
    assert "Failed orders" not in pages.text(as_role("warehouse").get(TODAY))


def test_the_payload_is_readable_with_each_error_at_its_place(as_role, shop):
    failed = fail(shop, currency="XXX", note="<b>hello</b>")
    answer = as_role("sales").get(pages.page_of(failed))
    told = pages.text(answer)
    assert "currency is not a currency, and 1 more – E-commerce" in told
    assert '"currency": "XXX", is not a currency' in told
    assert '"quantity": 0, is too small' in told
    assert "<b>hello</b>" not in answer.content.decode()
    assert "1 attempt" in told


def test_a_missing_field_is_told_at_what_lacks_it(as_role, shop):
    body = document()
    del body["lines"][0]["unit_price"]
    shop.post(body)
    told = pages.text(as_role("sales").get(pages.page_of(FailedOrder.objects.get())))
    assert "{ is missing" in told


def test_trying_again_leads_to_the_order(as_role, shop):
    shop.put("MUG", 5)
    shop.change(currencies=["EUR"])
    shop.post(document(reference="WEB-7"))
    shop.change(currencies=["GBP"])
    answer = pages.press(as_role("sales"), FailedOrder.objects.get(), "retry")
    order = Order.objects.get()
    assert f"The order is placed: {order.number}." in pages.text(answer)
    assert order.number in answer.content.decode()
    assert FailedOrder.objects.get().status == "resolved"


def test_trying_again_in_vain_tells_why(as_role, shop):
    failed = fail(shop)
    told = pages.text(pages.press(as_role("sales"), failed, "retry"))
    assert "It failed again" in told
    assert "2 attempts" in told


def test_correcting_it_as_json(as_role, shop):
    shop.put("MUG", 5)
    failed = fail(shop)
    client = as_role("sales")
    opened = button(client, failed, "correct").content.decode()
    assert "&quot;quantity&quot;: 0," in opened
    assert "<code>lines[0].quantity</code> is too small" in opened

    told = pages.text(pages.press(client, failed, "correct", content='{"a": 1,}'))
    assert "The body is not JSON" in told
    right = document(line(quantity=2), reference="WEB-7")
    told = pages.text(pages.press(client, failed, "correct", content=str(right).replace("'", '"')))
    assert "The order is placed" in told
    assert Order.objects.get().lines.get().ordered == 2


def test_dismissing_asks_for_a_reason_that_stays(as_role, shop):
    failed = fail(shop)
    client = as_role("sales")
    assert "This field is required" in pages.text(pages.press(client, failed, "dismiss"))
    pages.press(client, failed, "dismiss", reason="Shop test")
    assert "No order has failed" in pages.text(client.get(FAILED))
    told = pages.text(client.get(FAILED, {"status": "dismissed"}))
    assert "Shop test" in told
    assert "This cannot be done any more" in pages.text(button(client, failed, "dismiss"))


def test_all_of_one_cause_are_tried_again_as_a_job(as_role, shop):
    shop.put("MUG", 50)
    shop.change(currencies=["EUR"])
    for number in range(5):
        shop.post(document(reference=f"EUR-{number}"))
    shop.change(currencies=["GBP"])
    other = fail(shop, "OTHER")
    client = as_role("sales")
    cause = FailedOrder.objects.get(reference="EUR-1").cause
    address = f"{FAILED}retry-all/?status=open&cause={cause}"
    opened = client.get(address).content.decode()
    assert "5 failed orders" in opened
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened))
    answer = client.post(address, fixed)
    assert answer.status_code == 302
    jobs.work()
    assert Order.objects.count() == 5
    assert FailedOrder.objects.filter(status="open").get() == other
    assert "5 done" in pages.text(client.get(answer["Location"]))


def test_a_job_over_failures_that_stay_tells_each_reason(as_role, shop):
    failed = fail(shop)
    client = as_role("sales")
    opened = client.get(f"{FAILED}retry-all/").content.decode()
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened))
    answer = client.post(f"{FAILED}retry-all/", fixed)
    jobs.work()
    told = pages.text(client.get(answer["Location"]))
    assert "WEB-7 Failed The content is not valid." in told
    failed.refresh_from_db()
    assert (failed.attempts, failed.status) == (2, "open")


def test_filters_narrow_the_list_down(as_role, shop):
    fail(shop, "A-1")
    elsewhere = Shop(channel=ChannelFactory(name="Elsewhere"), warehouse=shop.warehouse)
    fail(elsewhere, "B-1")
    client = as_role("sales")
    assert "B-1" not in pages.text(client.get(FAILED, {"channel": str(shop.channel.pk)}))
    assert "A-1" not in pages.text(client.get(FAILED, {"q": "B-"}))
    assert "Nothing here" in pages.text(client.get(FAILED, {"q": "C-"}))
    for nonsense in ({"status": "x"}, {"channel": "x"}, {"p": "-1"}, {"p": "9" * 20}):
        assert client.get(FAILED, nonsense).status_code == 200


@pytest.mark.parametrize("name", ["retry", "correct", "dismiss"])
def test_who_may_not_does_not(as_role, shop, name):
    failed = fail(shop)
    assert button(as_role("warehouse"), failed, name).status_code == 403
    assert button(as_role("sales", channels=[ChannelFactory()]), failed, name).status_code == 404
    assert as_role("sales", channels=[ChannelFactory()]).get(
        pages.page_of(failed)
    ).status_code == 404  # fmt: skip
    assert as_role("warehouse").get(FAILED).status_code == 403
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == ("open", 1)


def test_the_list_takes_a_fixed_number_of_statements(as_role, shop):
    client = as_role("sales")

    def taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(FAILED)
        return len(captured)

    fail(shop, "A")
    client.get(FAILED)
    first = taken()
    for number in range(6):
        fail(shop, f"B{number}")
    assert taken() == first <= 10
