"""What every page of the console has in common: its policy, its languages, its doors."""

import re

import pytest

from config.kernel.models import Channel
from tests.console import pages
from tests.factories.orders import line

PAGES = [
    "/admin/",
    "/admin/orders/order/",
    "/admin/orders/order/new/",
    "/admin/orders/hold/",
    "/admin/orders/failedorder/",
    "/admin/orders/productmapping/",
    "/admin/orders/productmapping/add/?sku=MUG-3PK",
    "/admin/orders/importrun/",
    "/admin/customers/customer/",
    "/admin/inventory/product/",
    "/admin/inventory/product/add/",
    "/admin/inventory/lowstockalert/",
    "/admin/inventory/stockdifference/",
    "/admin/inventory/transfer/",
    "/admin/inventory/stockmovement/",
    "/admin/inventory/warehouse/",
    "/admin/inventory/bin/",
    "/admin/inventory/supplier/",
    "/admin/kernel/job/",
    "/admin/kernel/webhookendpoint/",
    "/admin/kernel/webhookendpoint/new/",
    "/admin/kernel/webhookdelivery/",
    "/admin/kernel/delivery/",
    "/admin/kernel/channel/",
    "/admin/kernel/apikey/",
    "/admin/kernel/tag/",
    "/admin/kernel/legalentity/",
    "/admin/kernel/user/",
    "/admin/kernel/user/add/",
]
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|\son\w+=|javascript:")
OUTSIDE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")


@pytest.mark.parametrize("address", PAGES)
def test_each_page_opens_without_inline_script_or_outside_address(as_role, shop, address):
    shop.put("MUG", 3)
    shop.place(line("MUG", 4))
    answer = as_role("administrator").get(address)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    body = answer.content.decode()
    assert not INLINE.search(body), INLINE.search(body)
    assert not OUTSIDE.search(body), OUTSIDE.search(body)


@pytest.mark.parametrize("address", PAGES)
def test_each_field_has_a_name_for_those_who_cannot_see(as_role, shop, address):
    shop.put("MUG", 3)
    shop.place(line("MUG", 4))
    body = as_role("administrator").get(address).content.decode()
    labelled = set(re.findall(r'for="([^"]+)"', body))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", body):
        kind = re.search(r'type="([^"]+)"', tag)
        name = re.search(r'id="([^"]+)"', tag)
        if kind and kind[1] in {"hidden", "submit", "file"}:
            continue
        around = body[max(0, body.index(tag) - 300) : body.index(tag)]
        inside_label = around.rfind("<label") > around.rfind("</label")
        told = (name and name[1] in labelled) or "aria-label" in tag or inside_label
        assert told or "placeholder" in tag, tag


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_shown_to_somebody_without_rights(as_role, address):
    client = as_role("sales")
    client.user.groups.clear()
    assert client.get(address).status_code == (200 if address == "/admin/" else 403)


def test_a_link_stands_in_the_sidebar_for_those_who_may_follow_it(as_role):
    sales = as_role("sales").get("/admin/").content.decode()
    assert 'href="/admin/orders/order/"' in sales
    assert 'href="/admin/kernel/user/"' not in sales
    assert 'href="/admin/inventory/stockdifference/"' not in sales


def test_names_that_look_like_html_stay_names(as_role, shop):
    Channel.objects.update(name="<script>alert(1)</script>")
    shop.put("MUG", 1, name="<script>alert(2)</script>")
    order = shop.place(line())
    client = as_role("administrator")
    for address in ("/admin/", pages.ORDERS, pages.page_of(order), "/admin/inventory/product/"):
        assert b"<script>alert" not in client.get(address).content


def test_a_forged_request_is_refused(as_role, shop):
    shop.put("MUG", 1)
    order = shop.place(line())
    client = as_role("sales")
    client.handler.enforce_csrf_checks = True
    address = pages.page_of(order).replace("change/", "hold/")
    assert client.post(address, {"reason": "x"}).status_code == 403
