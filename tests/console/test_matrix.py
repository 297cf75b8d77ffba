"""Every address of the console × every role, limited or not: no fault, nothing foreign, headers."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from config.kernel.models import ApiKey
from inventory.models import Bin, StockMovement
from tests.console import pages
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import line

ROLES = ["sales", "warehouse", "finance", "manager", "administrator", "superuser"]
# Unknown ids and missing parameters are answered by one of these, never by a fault.
ANSWERS = {200, 302, 400, 403, 404, 405, 409, 422, 503}
OPEN_TO_ALL = {"/admin/login/", "/admin/login/forgotten/", "/admin/welcome/"}
KINDS = {"uuid": str(uuid.UUID(int=1)), "path": str(uuid.UUID(int=1)), "slug": "x", "str": "x"}
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, text)
        elif text.startswith("admin/") and "^" not in text and "(?P" not in text:
            yield "/" + text


def filled(pattern):
    """Return an address with an id that nothing has."""
    return PLACE.sub(lambda place: KINDS[place.group(1) or "str"], pattern)


PATTERNS = sorted(set(walk(get_resolver())))


def unlike(answer):
    return answer.status_code not in ANSWERS


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db
def test_no_address_breaks_for_any_role(as_role, role):
    client = as_role(role)
    broken, cached = [], []
    for pattern in PATTERNS:
        if pattern.startswith(("/admin/login/", "/admin/welcome/")):
            continue
        answer = client.get(filled(pattern))
        if unlike(answer):
            broken.append((pattern, answer.status_code))
        if answer.status_code == 200 and "jsi18n" not in pattern:
            head = answer.headers
            if "no-store" not in head.get("Cache-Control", "") or not _is_guarded(head):
                cached.append(pattern)
    assert broken == []
    assert cached == []


def _is_guarded(head):
    policy = head.get("Content-Security-Policy", "")
    return (
        "frame-ancestors 'none'" in policy
        and "object-src 'none'" in policy
        and head.get("X-Content-Type-Options") == "nosniff"
        and head.get("Referrer-Policy") == "same-origin"
        and head.get("X-Frame-Options") == "DENY"
    )


@pytest.mark.django_db
def test_nobody_gets_past_the_door_without_signing_in():
    client = Client()
    wrong = []
    for pattern in PATTERNS:
        answer = client.get(filled(pattern))
        at_the_door = answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]
        is_open = pattern in OPEN_TO_ALL or pattern.startswith("/admin/welcome/")
        if not at_the_door and not is_open and "logout" not in pattern and "jsi18n" not in pattern:
            wrong.append((pattern, answer.status_code))
    assert wrong == []


def foreign(shop):
    """Return records of one channel and one warehouse, each with its page."""
    shop.put("MUG", 5)
    shop.change(payment_required=True)
    order = shop.place(line())
    north = WarehouseFactory(code="NORTH")
    records = [
        order, order.customer, shop.channel, ApiKey.objects.get(), shop.warehouse,
        Bin.objects.create(warehouse=shop.warehouse, code="A-1"), StockMovement.objects.first(),
    ]  # fmt: skip
    return north, records


def addresses(record):
    """Return every address that takes this kind of record's id, with the id or another one."""
    start = pages.page_of(record).split(str(record.pk))[0]
    for pattern in PATTERNS:
        if pattern.startswith(start) and PLACE.search(pattern) and not pattern.endswith(">/"):
            own = PLACE.sub(str(record.pk), pattern, count=1)
            if "<" not in own:
                yield own, PLACE.sub(str(uuid.UUID(int=1)), pattern)


@pytest.mark.parametrize("role", ["manager", "administrator", "superuser"])
def test_what_is_foreign_answers_like_what_is_unknown(as_role, shop, role):
    north, records = foreign(shop)
    client = as_role(role, channels=[ChannelFactory()], warehouses=[north])
    differing = []
    for record in records:
        for own, unknown in addresses(record):
            mine, theirs = client.get(own), client.get(unknown)
            if (mine.status_code, mine.content) != (theirs.status_code, theirs.content):
                differing.append((own, mine.status_code, theirs.status_code))
            if mine.status_code == 200:
                differing.append((own, 200))
    assert differing == []


def test_somebody_of_north_gets_404_for_what_lies_in_main(as_role, shop):
    north, records = foreign(shop)
    client = as_role("warehouse", warehouses=[north])
    main = [one for one in records if one._meta.app_label == "inventory"]
    assert [one._meta.model_name for one in main] == ["warehouse", "bin", "stockmovement"]
    for record in main:
        assert client.get(pages.page_of(record)).status_code == 404
        listed = client.get(pages.page_of(record).split(str(record.pk))[0])
        assert str(record.pk) not in listed.content.decode()
