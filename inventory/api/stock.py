"""The doors of stock: what is available, every figure, goods in, corrections."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from config.kernel import clock, contracts, ids, sql
from config.kernel.api import answers, bodies, carrying_out, pagination, problems, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.idempotency import Answer
from config.kernel.scopes import Scope
from inventory import errors
from inventory.api import params
from inventory.api import schema as shapes
from inventory.contract import AdjustmentIn, ReceiptIn
from inventory.queries import catalogue, stock
from inventory.services import by_name, shortfalls

MOST_SKUS = 200
RECEIPT = schema.request(
    "A delivery",
    {
        "warehouse": "MAIN",
        "document": "ASN-7",
        "lines": [{"sku": "MUG", "quantity": 40, "bin": "STOCK"}],
    },
)
LOSS = schema.request(
    "Three are missing",
    {"warehouse": "MAIN", "sku": "MUG", "quantity": -3, "reason": "Broken in the rack"},
)
COUNT = schema.request(
    "A count",
    {"warehouse": "MAIN", "sku": "MUG", "counted": 14, "based_on": 17, "reason": "Stock check"},
)


class Availability(Door):
    """What can be sold now."""

    scopes: ClassVar = {"GET": Scope.STOCK_READ}

    @extend_schema(
        operation_id="availability_list",
        parameters=[
            schema.text(
                "sku",
                "Up to 200 SKUs, separated by commas.",
                pattern=r"^[^\x00, ][^\x00]*$",
                required=True,
            )
        ],
        responses={200: shapes.AvailabilityPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """Tell what is available per SKU, in all and per warehouse."""
        pagination.only(request.query_params.dict(), frozenset({"sku"}), pages=False)
        texts = ",".join(request.query_params.getlist("sku")).split(",")
        skus = [sku.strip() for sku in texts if sku.strip()]
        if not 0 < len(skus) <= MOST_SKUS or any(params.is_unreadable(sku) for sku in skus):
            raise problems.BadRequest(f"Name 1 to {MOST_SKUS} SKUs in sku, separated by commas.")
        return answers.json(catalogue.availability(skus, caller_of(request).warehouses))


class Stock(Door):
    """Every figure of stock."""

    scopes: ClassVar = {"GET": Scope.STOCK_READ}

    @extend_schema(
        operation_id="stock_list",
        parameters=[
            schema.text("sku", "One SKU, in any case."),
            schema.text("warehouse", "A warehouse's code."),
            schema.CURSOR,
            schema.LIMIT,
        ],
        responses={200: shapes.StockPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List stock by SKU and warehouse, with what lies in which bin."""
        asked = request.query_params.dict()
        pagination.only(asked, frozenset({"sku", "warehouse"}))
        params.check_texts(asked, "sku", "warehouse")
        return answers.json(stock.page(asked, caller_of(request).warehouses))


class Receipts(Door):
    """Goods that come in."""

    scopes: ClassVar = {"POST": Scope.STOCK_WRITE}

    @extend_schema(
        operation_id="stock_receive",
        parameters=[schema.KEY_MUST],
        request=ReceiptIn,
        examples=[RECEIPT],
        responses={
            201: shapes.ReceiptOut,
            **schema.refusals(
                *schema.WITH_BODY, *schema.WITH_KEY, errors.TooMany, errors.NoDefaultBin
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Book goods into a warehouse, all or nothing; who waits for them gets them at once."""
        document = bodies.read(request)
        caller, command_id = caller_of(request), ids.new()

        def work() -> Answer:
            asked = contracts.check(ReceiptIn, document)
            posted = by_name.receive(
                asked=asked,
                only=caller.warehouses,
                command_id=command_id,
                actor=caller.actor(),
                at=clock.now(),
            )
            shown = {
                "id": command_id,
                "warehouse": asked.warehouse,
                "document": asked.document,
                "lines": stock.after(posted),
            }
            return Answer(201, sql.to_json(shown))

        return carrying_out.once(request, "POST stock/receipts", document, work)


class Adjustments(Door):
    """Corrections of stock."""

    scopes: ClassVar = {"POST": Scope.STOCK_WRITE}

    @extend_schema(
        operation_id="stock_adjust",
        parameters=[schema.KEY_MUST],
        request=AdjustmentIn,
        examples=[LOSS, COUNT],
        responses={
            201: shapes.AdjustmentOut,
            **schema.refusals(
                *schema.WITH_BODY,
                *schema.WITH_KEY,
                errors.StaleCount,
                errors.ShortfallError,
                errors.TooMany,
                errors.NoDefaultBin,
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Correct one SKU's stock by a quantity, or to what was counted."""
        document = bodies.read(request)
        asked = contracts.check(AdjustmentIn, document)
        caller, command_id, at = caller_of(request), ids.new(), clock.now()

        def book() -> Answer:
            posted = by_name.adjust(
                asked=asked,
                only=caller.warehouses,
                command_id=command_id,
                actor=caller.actor(),
                at=at,
            )
            (shown,) = stock.after([posted])
            return Answer(201, sql.to_json({"id": command_id, "document": asked.document, **shown}))

        return shortfalls.through(
            book=book,
            carry_out=lambda work: carrying_out.once(
                request, "POST stock/adjustments", document, work
            ),
            may_wait=asked.let_orders_wait,
            actor=caller.actor(),
            at=at,
        )
