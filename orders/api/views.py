"""The doors of orders: place, list, look at, cancel."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from config.kernel import clock, contracts, idempotency, sections, sql
from config.kernel.api import answers as api_answers
from config.kernel.api import bodies, carrying_out, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.errors import DomainError
from config.kernel.idempotency import Answer
from config.kernel.scopes import Scope
from orders import contract
from orders.api import filters
from orders.api import schema as answers
from orders.api.contracts import CancelIn
from orders.errors import (
    AlreadyShipped,
    LineNotFound,
    NothingToCancel,
    OrderExists,
    OrderNotFound,
    OutOfStock,
    UnknownProduct,
)
from orders.models import Order
from orders.queries import changes, reading
from orders.services import cancellation, intake

READ: dict[str, Scope] = {"GET": Scope.ORDERS_READ}
WRITE: dict[str, Scope] = {"POST": Scope.ORDERS_WRITE}


class Orders(Door):
    """All orders of the channel."""

    scopes: ClassVar = READ | WRITE

    @extend_schema(
        operation_id="orders_list",
        parameters=[*filters.PARAMETERS, schema.CURSOR, schema.LIMIT],
        responses={200: answers.OrderPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List orders, newest first; with `updated_after` by last change, oldest first."""
        params = request.query_params.dict()
        chosen = filters.chosen(params)
        page = changes.page if "updated_after" in chosen else reading.page
        return api_answers.json(
            page(channel_id=caller_of(request).channel.id, chosen=chosen, params=params)
        )

    @extend_schema(
        operation_id="orders_place",
        parameters=[filters.DRY_RUN, schema.KEY_HEADER],
        request=contract.OrderIn,
        responses={
            201: answers.OrderOut,
            200: OpenApiResponse(
                answers.OrderOut,
                "The stored answer, as the same content came before; or a dry run's.",
            ),
            **schema.refusals(
                *schema.WITH_BODY,
                idempotency.KeyMalformed,
                idempotency.KeyReused,
                OrderExists,
                OutOfStock,
                UnknownProduct,
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Place an order, or with `dry_run` find out what would come of it."""
        dry_run = filters.is_dry_run(request.query_params.dict())
        document = bodies.read(request) if dry_run else _read(request)
        receive = intake.try_out if dry_run else intake.receive
        answer = receive(
            document=document,
            header=request.headers.get("Idempotency-Key"),
            caller=caller_of(request),
            at=clock.now(),
        )
        return api_answers.stored(answer)


def _read(request: Request) -> dict[str, Any]:
    """Read the body; one that cannot be read is kept among the failed orders."""
    try:
        return bodies.read(request)
    except DomainError as refusal:
        unread = getattr(refusal, "unread", b"")
        intake.note_unread(refusal, unread, caller=caller_of(request), at=clock.now())
        raise


class OneOrder(Door):
    """One order by its number."""

    scopes: ClassVar = READ

    @extend_schema(
        operation_id="orders_get",
        responses={200: answers.OrderOut, **schema.refusals(OrderNotFound)},
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Show the whole order."""
        order_id, document = _whole(request, number)
        for section in sections.of("order"):
            document[section.name] = section.load([order_id]).get(order_id)
        return api_answers.json(document, headers={"ETag": f'"{document["version"]}"'})


class Timeline(Door):
    """What happened to an order."""

    scopes: ClassVar = READ

    @extend_schema(
        operation_id="orders_timeline",
        responses={200: answers.TimelineOut, **schema.refusals(OrderNotFound)},
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """List the order's events, oldest first."""
        order_id = _order_id(request, number)
        return api_answers.json({"results": reading.timeline(order_id=order_id), "next": None})


class Cancellation(Door):
    """Cancelling an order, or parts of its lines."""

    scopes: ClassVar = WRITE

    @extend_schema(
        operation_id="orders_cancel",
        parameters=[schema.KEY_HEADER],
        request=CancelIn,
        responses={
            200: answers.CancelledOut,
            202: OpenApiResponse(answers.CancelledOut, "Requested: the warehouse is asked first."),
            **schema.refusals(
                *schema.WITH_BODY,
                *schema.WITH_KEY,
                OrderNotFound,
                LineNotFound,
                AlreadyShipped,
                NothingToCancel,
            ),
        },
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel; 200 when done, 202 when the warehouse is asked first."""
        document = bodies.read(request)
        order_id, caller = _order_id(request, number), caller_of(request)

        def work() -> Answer:
            asked = contracts.check(CancelIn, document)
            outcome = cancellation.cancel(
                order_id=order_id,
                parts=_parts(order_id, asked),
                reason=asked.reason,
                actor=caller.actor(),
                at=clock.now(),
            )
            _, order = _whole(request, number)
            body = sql.to_json({**order, "cancellation": outcome.cancellation})
            return Answer(200 if outcome.cancellation == cancellation.DONE else 202, body)

        return carrying_out.once(request, f"POST {request.path}", document, work)


def _parts(order_id: UUID, asked: CancelIn) -> list[cancellation.Part] | None:
    if asked.lines is None:
        return None
    lines = reading.lines_at(order_id=order_id, positions=[line.position for line in asked.lines])
    return [cancellation.Part(lines[line.position], line.quantity) for line in asked.lines]


def _whole(request: Request, number: str) -> tuple[UUID, dict[str, Any]]:
    found = reading.whole(channel_id=caller_of(request).channel.id, number=number)
    if found is None:
        raise OrderNotFound
    return found


def _order_id(request: Request, number: str) -> UUID:
    orders = Order.objects.for_channel(caller_of(request).channel.id).filter(number=number)
    order_id = orders.values_list("pk", flat=True).first()
    if order_id is None:
        raise OrderNotFound
    return order_id
