"""Who may do what: the groups of staff and their permissions, as a table in code.

`sync` writes the table into the database; `make up`, upgrades and tests call it. A group that is
not in the table is left alone, so a company may add its own beside these.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils.translation import pgettext_lazy

from config.kernel import commands

EVERYTHING = "*"


def _on(model: str, *actions: str) -> tuple[str, ...]:
    app, name = model.split(".")
    return tuple(f"{app}.{action}_{name}" for action in actions)


def _view(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.view_{model}" for model in models)


_READ = (
    *_view("kernel", "channel", "legalentity", "event", "job", "upload"),
    *_view("customers", "customer", "customerreference", "address"),
    *_view("inventory", "product", "barcode", "price", "supplier", "warehouse", "bin", "holiday"),
    *_view("inventory", "stocklevel", "binstock", "reservation", "stockmovement"),
    *_view("inventory", "transfer", "transferline", "reorderrule", "lowstockalert"),
    *_view("orders", "order", "orderline", "hold", "payment", "credit", "creditline", "ordernote"),
    *_view("orders", "productmapping", "mappedproduct"),
    *_on("orders.order", "note"),
)
_FAILED_ORDERS = _on("orders.failedorder", "view", "retry", "dismiss")
_MAPPINGS = (
    *_on("orders.productmapping", "add", "change", "delete"),
    *_on("orders.mappedproduct", "add", "change", "delete"),
)
_ORDER_DESK = (
    *_on("customers.customer", "add", "change", "merge", "block"),
    *_on("orders.order", "add", "change", "cancel", "hold", "export"),
    "orders.release_hold",
    *_FAILED_ORDERS,
    *_MAPPINGS,
)
_STOCK_ROOM = (
    *_on("inventory.stocklevel", "change"),
    *_on("inventory.transfer", "add", "change"),
    *_on("inventory.bin", "add", "change"),
    *_on("inventory.barcode", "add", "change", "delete"),
    *_on("inventory.reorderrule", "add", "change", "delete"),
    *_on("inventory.lowstocksubscription", "view", "add", "change", "delete"),
    *_on("inventory.stockdifference", "view"),
    "orders.hold_order",
)
_MASTER_DATA = (
    *_on("inventory.product", "add", "change"),
    *_on("inventory.price", "add", "change", "delete"),
    *_on("inventory.supplier", "add", "change"),
    *_on("inventory.warehouse", "add", "change"),
    *_on("inventory.holiday", "add", "change", "delete"),
    *_on("kernel.channel", "change"),
    *_on("kernel.tag", "view", "change"),
    *_on("kernel.job", "oversee"),
    *_on("kernel.savedview", "share"),
    *_on("inventory.stockdifference", "repair"),
    *_view("orders", "importrun", "importrow"),
    *_view("kernel", "installation"),
    "orders.give_stock",
)

# What goes out and what did not arrive; to set it up is the administrators'.
_INTEGRATIONS = (
    *_view("kernel", "webhookendpoint", "webhookdelivery", "delivery"),
    *_on("kernel.webhookdelivery", "replay"),
    *_on("kernel.delivery", "retry"),
)
_MONEY = _on("orders.payment", "add")

ROLES: Mapping[str, tuple[str, ...]] = {
    "sales": (*_READ, *_ORDER_DESK),
    "warehouse": (*_READ, *_STOCK_ROOM),
    "finance": (*_READ, *_on("orders.order", "hold", "export"), "orders.release_hold", *_MONEY),
    "manager": (*_READ, *_ORDER_DESK, *_STOCK_ROOM, *_MASTER_DATA, *_MONEY, *_INTEGRATIONS),
    "administrator": (EVERYTHING,),
}


LABELS: Mapping[str, Any] = {
    "sales": pgettext_lazy("role", "Sales"),
    "warehouse": pgettext_lazy("role", "Warehouse"),
    "finance": pgettext_lazy("role", "Finance"),
    "manager": pgettext_lazy("role", "Manager"),
    "administrator": pgettext_lazy("role", "Administrator"),
}


def label(name: str) -> str:
    """Return what staff read for a role; one of the company's own is called what it is called."""
    return str(LABELS.get(name, name))


class UnknownPermission(LookupError):
    """The table names a permission that no model declares."""


@commands.command
def sync() -> None:
    """Give each group of the table exactly its permissions; doing it again changes nothing.

    Raises `UnknownPermission` with the names that no model declares.
    """
    known = {
        f"{app}.{codename}": key
        for app, codename, key in Permission.objects.values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    wanted = {role: _expanded(names, known) for role, names in ROLES.items()}
    unknown = sorted(set().union(*wanted.values()) - set(known))
    if unknown:
        raise UnknownPermission(f"no model declares {', '.join(unknown)}")
    for role, names in wanted.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in names])


def _expanded(names: Iterable[str], known: Iterable[str]) -> set[str]:
    if EVERYTHING in names:
        return set(known)
    return set(names)
