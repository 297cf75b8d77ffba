"""The health line of *Today*: one short word on each thing that must run; more behind a link."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import installation, words
from config.kernel.admin import scope
from config.kernel.models import Channel, Installation
from config.operations import checklist, facts, mail
from config.operations.doctor import Finding, State, known
from orders.queries import dashboard as numbers

MAY_SEE = "kernel.view_installation"
MAY_CHANGE = "kernel.change_installation"
SHOWN_CHANNELS = 6
TALKING = frozenset({Channel.Kind.API, Channel.Kind.SHOP})  # staff and files come when they come
TONES = {State.OK: "good", State.WARNING: "wait", State.FAILED: "bad"}
PLACES = {
    "company": "admin:kernel_legalentity_changelist",
    "warehouses": "admin:inventory_warehouse_changelist",
    "users": "admin:kernel_user_changelist",
    "mail": "admin:kernel_installation_changelist",
    "products": "admin:inventory_product_changelist",
    "stock": "admin:inventory_product_changelist",
    "channel": "admin:kernel_channel_changelist",
    "order": "admin:orders_order_changelist",
}


def of_today(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Return what *Today* shows of the system itself, to those who look after it."""
    if not request.user.has_perm(MAY_SEE):
        return {}
    here = installation.read()
    seen = facts.read()
    return {
        "health": [*_items(seen, here), *_channels(request, now)],
        "health_url": reverse("admin:kernel_installation_changelist"),
        "getting_started": _getting_started(request, here),
    }


def _items(seen: facts.Facts, here: Installation) -> Iterator[dict[str, Any]]:
    yield _item(known.backup.look.title, known.backup(seen), _backup_age(seen))
    yield _mail()
    programs = [known.worker(seen), known.beat(seen), known.queue(seen), known.outbox(seen)]
    worst = max(programs, key=lambda finding: list(State).index(finding.state))
    well = worst.state == State.OK
    yield _item(_("Background work"), worst, _("runs") if well else worst.said)
    if seen.parked:
        told = ngettext("%(count)s failed", "%(count)s failed", seen.parked)
        shown = told % {"count": words.count(seen.parked)}
        url = reverse("admin:kernel_delivery_changelist")
        yield {"label": _("Deliveries"), "said": shown, "tone": "bad", "url": url}
    if here.webhooks_paused_at:
        yield {"label": _("Webhooks"), "said": _("paused after a restore"), "tone": "wait"}


def _item(label: Any, finding: Finding, said: Any) -> dict[str, Any]:
    return {"label": label, "said": said, "tone": TONES[finding.state], "told": finding.said}


def _backup_age(seen: facts.Facts) -> str:
    if seen.backup_failure:
        return _("failed")
    if seen.backup is None:
        return _("none yet")
    return _("%(age)s ago") % {"age": words.age(seen.backup.at, seen.now)}


def _mail() -> dict[str, Any]:
    if mail.is_set_up():
        return {"label": _("Mail"), "said": _("goes out"), "tone": "good"}
    told = _("Mails are kept as files and reach nobody until KAPELL_SMTP_HOST is set.")
    return {"label": _("Mail"), "said": _("not set up"), "tone": "wait", "told": told}


def _channels(request: HttpRequest, now: datetime) -> Iterator[dict[str, Any]]:
    """When each sales channel's last order came in: silence is what staff notice too late."""
    channels = {
        channel.pk: channel
        for channel in scope.channels(request).values()
        if channel.is_active and channel.kind in TALKING
    }
    for channel_id, placed_at in numbers.last_orders(channels=list(channels)[:SHOWN_CHANNELS]):
        age = words.age(placed_at, now) if placed_at else ""
        said = _("last order %(age)s ago") % {"age": age} if age else _("no order yet")
        url = f"{reverse('admin:orders_order_changelist')}?channel={channel_id}"
        label = channels[channel_id].name
        yield {"label": label, "said": said, "tone": "quiet", "url": url}


def _getting_started(request: HttpRequest, here: Installation) -> dict[str, Any] | None:
    """The list until it is put away or all is done; in the demo company how to leave it."""
    if here.checklist_hidden_at:
        return None
    steps = [] if here.is_demo else checklist.steps()
    if not here.is_demo and all(step.done for step in steps):
        return None
    done = sum(step.done for step in steps)
    return {
        "is_demo": here.is_demo,
        "steps": [{"step": step, "url": reverse(PLACES[step.name])} for step in steps],
        "told": _("%(done)d of %(all)d done") % {"done": done, "all": len(steps)},
        "hide_url": reverse("admin:kernel_installation_checklist")
        if request.user.has_perm(MAY_CHANGE)
        else "",
    }
