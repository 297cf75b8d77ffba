"""Exports orders of the list as CSV: a batch after another, gone on with wherever it stopped."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import exports, jobs, readers
from orders import reports
from orders.admin import order_asked
from orders.models import Order
from orders.queries import exporting

FILE = "orders.csv"
BATCH = 2000
WRITTEN = "orders_exported"


def _describe(params: Mapping[str, Any]) -> str:
    return _("A row per line") if params["by_line"] else _("A row per order")


def _tell(code: str, _params: Mapping[str, Any]) -> str:
    return _("The file is ready.") if code == WRITTEN else ""


@jobs.steps(
    "orders.export",
    label=gettext_lazy("Export orders"),
    permission="orders.export_order",
    describe=_describe,
    tell=_tell,
)
def export(work: jobs.Work) -> Iterator[None]:
    """Write the chosen orders, the oldest first; `parts` are the file as far as it is."""
    parts: list[str] = list(work.position.get("parts", []))
    after: str | None = work.position.get("after")
    while found := _next(work, after) if parts else _begin(work):
        content, after = _text(work, found, is_first=not parts), str(found[-1].order["id"])
        parts = [*parts, work.keep_part(len(parts), content)]
        work.advance(position={"parts": parts, "after": after}, done=len(found))
        yield
    work.join_parts(FILE, parts or [work.keep_part(0, _text(work, [], is_first=True))])
    work.tell(WRITTEN)


def _begin(work: jobs.Work) -> list[exporting.Whole]:
    with readers.reading(work.user):
        work.advance(total=_chosen(work).order_by().count())
    return _next(work, None)


def _next(work: jobs.Work, after: str | None) -> list[exporting.Whole]:
    with readers.reading(work.user):
        last = UUID(after) if after else None
        return exporting.orders(chosen=_chosen(work), after=last, most=BATCH)


def _chosen(work: jobs.Work) -> QuerySet[Order]:
    """What the starter may see today, of what was chosen when the job was started."""
    seen = Order.objects.visible_to(work.user)
    if "ids" in work.params:
        return seen.filter(pk__in=work.params["ids"])
    at = datetime.fromisoformat(work.params["at"])
    return order_asked.matching(seen, order_asked.remembered(work.params["query"]), at)


def _text(work: jobs.Work, found: list[exporting.Whole], *, is_first: bool) -> bytes:
    by_line, mark = work.params["by_line"], work.params["for_excel"]
    lines = exporting.lines([one.order["id"] for one in found]) if by_line else None
    with readers.reading(work.user):
        rows = "".join(exports.csv_row(row) for row in reports.rows(found, lines))
        if not is_first:
            return rows.encode()
        header = exports.csv_row(reports.header(by_line=by_line))
    return ((exports.BYTE_ORDER_MARK if mark else "") + header + rows).encode()
