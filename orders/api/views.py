"""The doors of orders: place, list, look at."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from config.kernel import clock, idempotency, sections
from config.kernel.api import answers as api_answers
from config.kernel.api import bodies, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.errors import DomainError
from config.kernel.scopes import Scope
from orders import contract
from orders.api import examples, filters
from orders.api import schema as answers
from orders.errors import (
    OrderExists,
    OrderNotFound,
    OutOfStock,
    UnknownProduct,
)
from orders.models import Order
from orders.queries import changes, reading
from orders.services import intake

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
        params, channel_id = request.query_params.dict(), caller_of(request).channel.id
        chosen = reading.searched(filters.chosen(params), channel_id=channel_id)
        page = changes.page if "updated_after" in chosen else reading.page
        return api_answers.json(page(channel_id=channel_id, chosen=chosen, params=params))

    @extend_schema(
        operation_id="orders_place",
        parameters=[filters.DRY_RUN, schema.KEY_MAY],
        request=contract.OrderIn,
        examples=[examples.ORDER],
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
        order_id, document = whole(request, number)
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
        order_id = order_id_of(request, number)
        return api_answers.json({"results": reading.timeline(order_id=order_id), "next": None})


def whole(request: Request, number: str) -> tuple[UUID, dict[str, Any]]:
    """Return one of the caller's orders with its key; raises `OrderNotFound`."""
    found = reading.whole(channel_id=caller_of(request).channel.id, number=number)
    if found is None:
        raise OrderNotFound
    return found


def order_id_of(request: Request, number: str) -> UUID:
    """Return the key of one of the caller's orders; raises `OrderNotFound`."""
    orders = Order.objects.for_channel(caller_of(request).channel.id).filter(number=number)
    order_id = orders.values_list("pk", flat=True).first()
    if order_id is None:
        raise OrderNotFound
    return order_id
