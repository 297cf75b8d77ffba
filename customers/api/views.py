"""The door of customers: looked up, never listed."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from config.kernel.api import answers, pagination, problems, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.scopes import Scope
from customers.api.schema import CustomerPageOut
from customers.queries import lookup
from customers.queries.lookup import Kind
from customers.services import identity

LONGEST = 254


class Customers(Door):
    """The channel's customers."""

    scopes: ClassVar = {"GET": Scope.CUSTOMERS_READ}

    @extend_schema(
        operation_id="customers_find",
        parameters=[
            schema.text("reference", "What your channel calls the customer.", longest=254),
            schema.text("email", "An e-mail address, in any case.", longest=254),
        ],
        responses={200: CustomerPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """Find a customer by reference or e-mail; say one of the two."""
        params = request.query_params.dict()
        pagination.only(params, frozenset({"reference", "email"}), pages=False)
        if len(params) != 1 or any(_is_unreadable(value) for value in params.values()):
            raise problems.BadRequest("Send either reference or email, up to 254 characters.")
        kind, value = Kind.REFERENCE.value, params.get("reference", "").strip()
        if "email" in params:
            kind, value = Kind.EMAIL.value, identity.email_key(params["email"])
        found = lookup.find(channel_id=caller_of(request).channel.id, kind=kind, value=value)
        return answers.json({"results": found, "next": None})


def _is_unreadable(text: str) -> bool:
    return len(text) > LONGEST or "\x00" in text
