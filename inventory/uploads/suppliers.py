"""Files of suppliers: one row a code."""

from collections.abc import Iterator, Sequence

from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from config.kernel import folding, sql
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from inventory.models import Supplier
from inventory.queries import listed
from inventory.services import many
from inventory.uploads import known

NEW = {"email": "", "phone": "", "notes": ""}

COLUMNS = (
    Column(
        name="code",
        kind=columns.code(32),
        help=_("Which supplier. One that is not there yet is added."),
        example="TEXPORT",
        required=True,
    ),
    Column(name="name", kind=columns.text(200), help=_("Needed when new."), example="Texport Lda."),
    Column(
        name="email",
        kind=columns.email(),
        help=_("Where orders go to."),
        example="orders@texport.example",
        blank="",
    ),
    Column(
        name="phone", kind=columns.text(32), help=_("Phone."), example="+351 21 555 0100", blank=""
    ),
    Column(name="notes", kind=columns.paragraphs(5000), help=_("For staff."), blank=""),
)


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    codes = {folding.key(row.values["code"]) for row in rows}
    found = Supplier.objects.annotate(folded=Lower("code")).filter(folded__in=codes)
    if behalf.is_final:
        sql.lock(Supplier, found.values_list("pk", flat=True))
    known.match(rows, listed.suppliers(found), (), "code")
    for row in rows:
        if row.present is None and "name" not in row.values:
            row.missing("name")


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    told = [{"id": row.target_id, **NEW, **(row.present or {}), **row.values} for row in rows]
    many.save_suppliers(rows=told, at=behalf.at)


def _export(_behalf: Behalf) -> Iterator[Values]:
    for _key, values, _record in listed.suppliers(Supplier.objects.order_by("code")):
        yield values


SUPPLIERS = Layout(
    code="suppliers",
    title=_("Suppliers"),
    icon="factory",
    about=_("One row a supplier. Suppliers are added or changed."),
    rights=("inventory.change_supplier", "inventory.add_supplier"),
    view="inventory.view_supplier",
    columns=COLUMNS,
    key=lambda values: values["code"],
    group=lambda values: folding.key(values["code"]),
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("code",),
    examples=({column.name: column.example for column in COLUMNS},),
)
