"""The console's sidebar: where each role finds its work."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

Item = dict[str, Any]


def navigation(request: HttpRequest) -> list[Item]:
    """Return the groups of links; a link shows to those who may read what is behind it."""
    del request
    return [
        {"items": [_item(_("Today"), "space_dashboard", "admin:index")]},
        {"title": _("Orders"), "items": list(_orders())},
        {"title": _("Stock"), "items": list(_stock())},
        {"title": _("Set-up"), "collapsible": True, "items": list(_set_up())},
    ]


def environment(request: HttpRequest) -> list[str] | None:
    """Return a mark for the head of each page; none."""
    del request
    return None


def _orders() -> Iterator[Item]:
    orders = _of("orders", "order", _("Orders"), "receipt_long")
    new = _item(_("New order"), "add_shopping_cart", "admin:orders_order_new")
    yield {**orders, "active": lambda request: _is_in(request, orders, beside=new)}
    yield {**new, "permission": _may("orders.add_order")}
    yield _of("orders", "hold", _("Holds and failed orders"), "front_hand")
    yield _of("customers", "customer", _("Customers"), "group")
    yield _of("kernel", "upload", _("Uploads"), "upload_file")
    yield _of("kernel", "job", _("Jobs"), "pending_actions")


def _stock() -> Iterator[Item]:
    yield _of("inventory", "product", _("Products"), "inventory_2")
    yield _of("orders", "productmapping", _("Product mappings"), "conversion_path")
    yield _of("inventory", "lowstockalert", _("Low stock"), "trending_down")
    yield _of("inventory", "stockdifference", _("Stock differences"), "rule")
    yield _of("inventory", "transfer", _("Transfers"), "local_shipping")
    yield _of("inventory", "stockmovement", _("Movements"), "swap_horiz")


def _set_up() -> Iterator[Item]:
    yield _of("kernel", "channel", _("Sales channels"), "storefront")
    yield _of("kernel", "apikey", _("API keys"), "key")
    yield _of("kernel", "webhookendpoint", _("Webhooks"), "webhook")
    yield _of("kernel", "delivery", _("Failed deliveries"), "sync_problem")
    yield _of("inventory", "warehouse", _("Warehouses"), "warehouse")
    yield _of("inventory", "bin", _("Bins"), "shelves")
    yield _of("inventory", "supplier", _("Suppliers"), "factory")
    yield _of("kernel", "tag", _("Tags"), "sell")
    yield _of("kernel", "legalentity", _("Legal entities"), "account_balance")
    yield _of("kernel", "user", _("People"), "badge")
    yield _of("auth", "group", _("Roles"), "groups")
    rules = _item(_("Sign-in rules"), "shield_person", "people:rules")
    yield {**rules, "permission": _may("kernel.change_user")}
    yield _of("kernel", "change", _("Changes"), "history")
    yield _of("kernel", "installation", _("System"), "monitor_heart")


def _of(app: str, model: str, title: Any, icon: str) -> Item:
    item = _item(title, icon, f"admin:{app}_{model}_changelist")
    return {**item, "permission": _may(f"{app}.view_{model}")}


def _is_in(request: HttpRequest, item: Item, *, beside: Item) -> bool:
    """Tell whether the reader is below an item's address, but not below another in it."""
    here = request.path
    return here.startswith(item["link"]) and not here.startswith(beside["link"])


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _item(title: Any, icon: str, view: str) -> Item:
    return {"title": title, "icon": icon, "link": reverse(view)}
