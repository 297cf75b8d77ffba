"""F2, the practical limit of Python: a bare Django view that places orders by a stored function.

    POST /f2           one call of floor.place_order, no key, no validation, no idempotency
    GET  /list         a page of 50 orders in one hand-written statement
    GET  /detail/ID    one order in one hand-written statement
    POST /noop         nothing: the price of the HTTP stack alone

It runs under the same server settings as Kapell; FLOOR_DATABASE_URL says where its tables are.
"""

import json
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import django
from django.conf import settings

_DATABASE = urlsplit(os.environ["FLOOR_DATABASE_URL"])

settings.configure(
    DEBUG=False,
    SECRET_KEY="floor",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    USE_TZ=True,
    LOGGING_CONFIG=None,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _DATABASE.path.strip("/"),
            "USER": _DATABASE.username,
            "PASSWORD": _DATABASE.password,
            "HOST": _DATABASE.hostname,
            "PORT": _DATABASE.port,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"options": "-c search_path=floor"},
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.utils import DatabaseError  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

OUT_OF_STOCK = "OM001"
PLACE = "SELECT floor.place_order(%s, %s::jsonb, %s::bigint[], %s::int[])"
LIST = """
SELECT coalesce(json_agg(r), '[]')::text FROM (
  SELECT o.id, o.number, o.status, o.total, o.currency, o.placed_at, c.name AS customer
  FROM sales_order o JOIN customer c ON c.id = o.customer_id
  WHERE o.status = %s AND o.placed_at >= %s ORDER BY o.placed_at DESC, o.id DESC LIMIT 50) r
"""
DETAIL = """
SELECT json_build_object('id', o.id, 'number', o.number, 'status', o.status, 'total', o.total,
  'ship_to', o.ship_to, 'customer', c.name, 'lines', (
    SELECT json_agg(json_build_object('line_no', l.line_no, 'sku', k.code, 'qty', l.qty,
      'unit_price', l.unit_price, 'line_total', l.line_total) ORDER BY l.line_no)
    FROM order_line l JOIN sku k ON k.id = l.sku_id WHERE l.order_id = o.id))::text
FROM sales_order o JOIN customer c ON c.id = o.customer_id WHERE o.id = %s
"""


def f2(request: HttpRequest) -> HttpResponse:
    """Place an order; 409 when it is out of stock."""
    body = json.loads(request.body)
    lines = body["lines"]
    skus, quantities = [line["sku"] for line in lines], [line["qty"] for line in lines]
    try:
        with connection.cursor() as cursor:
            ship_to = json.dumps(body["ship_to"])
            cursor.execute(PLACE, [body["customer"], ship_to, skus, quantities])
            return JsonResponse({"id": cursor.fetchone()[0], "status": "confirmed"})
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) == OUT_OF_STOCK:
            return JsonResponse({"error": "out of stock"}, status=409)
        raise


def noop(request: HttpRequest) -> HttpResponse:
    """Parse the body and answer."""
    json.loads(request.body)
    return JsonResponse({"id": 1})


def page(request: HttpRequest) -> HttpResponse:
    """List 50 orders."""
    return _one(LIST, [request.GET["status"], request.GET["since"]])


def detail(request: HttpRequest, key: int) -> HttpResponse:  # noqa: ARG001
    """Show one order."""
    return _one(DETAIL, [key])


def _one(statement: str, params: Sequence[str | int]) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return HttpResponse(cursor.fetchone()[0], content_type="application/json")


urlpatterns = [
    path("f2", f2),
    path("noop", noop),
    path("list", page),
    path("detail/<int:key>", detail),
]
application = get_wsgi_application()
