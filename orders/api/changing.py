"""The doors that change an order: cancel, hold, release a hold, write a note."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from config.kernel import clock, contracts, errors, ids, sql
from config.kernel.api import bodies, carrying_out, preconditions, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.idempotency import Answer
from config.kernel.scopes import Scope
from orders import answers
from orders.api import examples
from orders.api import schema as shapes
from orders.api.contracts import CancelIn, HoldIn, NoteIn, ReleaseIn
from orders.api.views import order_id_of, whole
from orders.errors import (
    AlreadyShipped,
    HoldNotOpen,
    HoldNotYours,
    LineNotFound,
    NothingToCancel,
    OrderNotFound,
    OrderNotOpen,
)
from orders.queries import reading
from orders.services import cancellation, channel_acts, notes

WRITE = {"POST": Scope.ORDERS_WRITE}
ONCE = (*schema.WITH_BODY, *schema.WITH_KEY, OrderNotFound)
KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["manual", "fraud"])


class Cancellation(Door):
    """Cancelling an order, or parts of its lines."""

    scopes: ClassVar = WRITE

    @extend_schema(
        operation_id="orders_cancel",
        parameters=[schema.KEY_MUST, schema.IF_MATCH],
        request=CancelIn,
        examples=[examples.CANCEL],
        responses={
            200: shapes.CancelledOut,
            202: OpenApiResponse(shapes.CancelledOut, "Requested: the warehouse is asked first."),
            **schema.refusals(
                *ONCE, LineNotFound, AlreadyShipped, NothingToCancel, errors.VersionChanged
            ),
        },
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel; 200 when done, 202 when the warehouse is asked first."""
        document, seen = bodies.read(request), preconditions.of(request)
        order_id, caller = order_id_of(request, number), caller_of(request)

        def work() -> Answer:
            asked = contracts.check(CancelIn, document)
            channel_acts.expect(order_id=order_id, version=seen.version)
            outcome = cancellation.cancel(
                order_id=order_id,
                parts=_parts(order_id, asked),
                reason=asked.reason,
                actor=caller.actor(),
                at=clock.now(),
            )
            _, order = whole(request, number)
            body = sql.to_json({**order, "cancellation": outcome.cancellation})
            return Answer(200 if outcome.cancellation == cancellation.DONE else 202, body)

        return carrying_out.once(request, f"POST {request.path}", document, work)


class Holds(Door):
    """The holds of an order."""

    scopes: ClassVar = WRITE

    @extend_schema(
        operation_id="orders_hold",
        parameters=[schema.KEY_MUST, schema.IF_MATCH],
        request=HoldIn,
        examples=[examples.HOLD],
        responses={
            201: shapes.OrderOut,
            200: OpenApiResponse(shapes.OrderOut, "It is on hold for that kind of cause already."),
            **schema.refusals(*ONCE, OrderNotOpen, errors.VersionChanged),
        },
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Put an order on hold, so that it does not leave the warehouse."""
        document, seen = bodies.read(request), preconditions.of(request)
        order_id, caller = order_id_of(request, number), caller_of(request)

        def work() -> Answer:
            asked = contracts.check(HoldIn, document)
            channel_acts.expect(order_id=order_id, version=seen.version)
            is_new = channel_acts.hold(
                order_id=order_id,
                kind=asked.kind,
                reason=asked.reason,
                actor=caller.actor(),
                at=clock.now(),
            )
            return Answer(201 if is_new else 200, sql.to_json(whole(request, number)[1]))

        return carrying_out.once(request, f"POST {request.path}", document, work)


class Release(Door):
    """Lifting a hold."""

    scopes: ClassVar = WRITE

    @extend_schema(
        operation_id="orders_release_hold",
        parameters=[KIND, schema.KEY_MUST, schema.IF_MATCH],
        request=ReleaseIn,
        examples=[examples.RELEASE],
        responses={
            200: shapes.OrderOut,
            **schema.refusals(*ONCE, HoldNotOpen, HoldNotYours, errors.VersionChanged),
        },
    )
    def post(self, request: Request, number: str, kind: str) -> HttpResponse:
        """Lift a hold that the channel placed; the order goes on when nothing else holds it."""
        document, seen = bodies.read(request), preconditions.of(request)
        order_id, caller = order_id_of(request, number), caller_of(request)

        def work() -> Answer:
            asked = contracts.check(ReleaseIn, document)
            channel_acts.expect(order_id=order_id, version=seen.version)
            channel_acts.release(
                order_id=order_id,
                kind=kind,
                reason=asked.reason,
                actor=caller.actor(),
                at=clock.now(),
            )
            return Answer(200, sql.to_json(whole(request, number)[1]))

        return carrying_out.once(request, f"POST {request.path}", document, work)


class Notes(Door):
    """Notes on an order, for staff to read."""

    scopes: ClassVar = WRITE

    @extend_schema(
        operation_id="orders_note",
        parameters=[schema.KEY_MUST],
        request=NoteIn,
        examples=[examples.NOTE],
        responses={201: shapes.NoteOut, **schema.refusals(*ONCE)},
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Write a note on an order; staff see it on the order's page, with the channel's name."""
        document, order_id = bodies.read(request), order_id_of(request, number)
        caller = caller_of(request)

        def work() -> Answer:
            asked = contracts.check(NoteIn, document)
            note = notes.write(
                order_id=order_id,
                text=asked.text,
                is_pinned=asked.is_pinned,
                command_id=ids.new(),
                actor=caller.actor(),
                at=clock.now(),
            )
            shown = {
                "id": note.pk,
                "text": note.text,
                "is_pinned": note.is_pinned,
                "written_at": answers.moment(note.written_at),
            }
            return Answer(201, sql.to_json(shown))

        return carrying_out.once(request, f"POST {request.path}", document, work)


def _parts(order_id: UUID, asked: CancelIn) -> list[cancellation.Part] | None:
    if asked.lines is None:
        return None
    lines = reading.lines_at(order_id=order_id, positions=[line.position for line in asked.lines])
    return [cancellation.Part(lines[line.position], line.quantity) for line in asked.lines]
