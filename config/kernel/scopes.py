"""What an API key may do: each door of the API names the scope it asks for."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel import errors


class Scope(models.TextChoices):
    ORDERS_READ = "orders:read", _("read orders")
    ORDERS_WRITE = "orders:write", _("place, hold and cancel orders")
    CUSTOMERS_READ = "customers:read", _("look customers up")
    PRODUCTS_READ = "products:read", _("read products")
    PRODUCTS_WRITE = "products:write", _("create and change products")
    STOCK_READ = "stock:read", _("read stock")
    STOCK_WRITE = "stock:write", _("book goods in and correct stock")
    EVENTS_READ = "events:read", _("read events")


# What a shop needs to sell; master data, stock and people are given by name.
USUAL = (
    Scope.ORDERS_READ,
    Scope.ORDERS_WRITE,
    Scope.PRODUCTS_READ,
    Scope.STOCK_READ,
    Scope.EVENTS_READ,
)


class UnknownScope(errors.DomainError):
    """A key is made with a scope that no door asks for, or with none at all."""

    code, status = "unknown_scope", 422
    title = "An API key has at least one scope, and only known ones."


def check(scopes: Collection[str]) -> list[str]:
    """Return scopes in the order of the table, each once; raises `UnknownScope`."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise UnknownScope(unknown=unknown, known=Scope.values)
    return [scope for scope in Scope.values if scope in scopes]
