"""Imports again, killed midway, in other forms of file, and refused."""

import bz2
import gzip
from datetime import datetime

import openpyxl
import pytest

from config.kernel.uploads.errors import Unreadable
from inventory.models import StockMovement
from orders import errors
from orders.imports.errors import BadMapping
from orders.models import Credit, ImportRow, ImportRun, Order
from orders.services.importing import booking, staging
from tests.factories.imports import (
    HEADER,
    MAPPING,
    ROWS,
    UNREADABLE,
    Importer,
    order_of,
    stock_of,
    world,
)
from tests.factories.inventory import WarehouseFactory


@pytest.fixture
def importer(shop, tmp_path):
    return Importer(shop, tmp_path)


@pytest.fixture
def shelves(shop):
    """Ten mugs, seven teas."""
    shop.put("MUG", 10)
    shop.put("TEA", 7)


@pytest.mark.usefixtures("shelves")
def test_a_second_run_changes_nothing(importer):
    path = importer.write()
    first = importer.bring(path)
    before, stock = world(), (stock_of("MUG"), stock_of("TEA"))
    second = importer.bring(path)
    assert (second.pk, second.figures) == (first.pk, first.figures)
    assert (world(), (stock_of("MUG"), stock_of("TEA"))) == (before, stock)


@pytest.mark.usefixtures("shelves")
def test_another_file_with_the_same_references_changes_nothing(importer):
    importer.bring(importer.write())
    before, stock = world(), (stock_of("MUG"), stock_of("TEA"))
    changed = [[*row[:4], str(int(row[4]) * 2), *row[5:]] for row in ROWS]
    run = importer.bring(importer.write(changed, name="again.csv"))
    assert (run.figures["known"], run.figures["orders"], run.figures["gross"]) == (6, 0, {})
    assert (world(), (stock_of("MUG"), stock_of("TEA"))) == (before, stock)


@pytest.mark.usefixtures("shelves")
def test_orders_that_came_another_way_are_left_as_they_are(importer, shop):
    order = shop.place(reference="1")
    run = importer.bring(importer.write())
    assert (run.figures["known"], run.figures["orders"]) == (1, 2)
    assert order_of("1").pk == order.pk


@pytest.mark.usefixtures("shelves")
def test_a_reference_booked_at_the_same_moment_makes_the_chunk_run_again(
    importer, shop, monkeypatch
):
    numbers, calls = booking.lookups.numbers, []

    def slowly(count):
        calls.append(count)
        if len(calls) == 1:
            monkeypatch.setattr(booking.lookups, "unknown", once(shop))
        return numbers(count)

    def once(shop):
        real = booking.lookups.unknown

        def look(setting, chunk):
            return [one for one in real(setting, chunk) if one.reference != "1"]

        shop.place(reference="1")
        return look

    monkeypatch.setattr(booking.lookups, "numbers", slowly)
    run = importer.bring(importer.write())
    assert calls == [3, 2]
    assert run.figures["orders"] == 2


@pytest.mark.usefixtures("shelves")
def test_the_same_file_with_another_stock_mode_or_warehouse_is_refused(importer):
    path = importer.write()
    importer.bring(path, stock="skip")
    before = world()
    with pytest.raises(errors.ImportContradicted):
        importer.bring(path, stock="ship")
    with pytest.raises(errors.ImportContradicted):
        importer.bring(path, stock="skip", warehouse=WarehouseFactory())
    assert world() == before


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize("survived", [0, 1, 2, 3, 4, 5])
def test_a_run_killed_while_booking_goes_on_where_it_stopped(importer, monkeypatch, survived):
    monkeypatch.setattr(staging, "LINES_AT_ONCE", 1)
    real, done = booking.book, []

    def fragile(**given):
        if len(done) == survived:
            raise KeyboardInterrupt
        done.append(given["chunk"])
        real(**given)

    path = importer.write()
    monkeypatch.setattr(booking, "book", fragile)
    with pytest.raises(KeyboardInterrupt):
        importer.bring(path)
    assert Order.objects.count() + Credit.objects.count() <= survived
    monkeypatch.setattr(booking, "book", real)
    run = importer.bring(path)
    assert ImportRun.objects.get() == run
    assert (run.figures["orders"], run.figures["order_lines"], run.figures["known"]) == (3, 5, 0)
    assert run.figures["gross"] == {"GBP": "28.10"}
    assert (stock_of("MUG"), stock_of("TEA")) == ((4, 0), (0, 0))
    assert StockMovement.objects.exclude(kind="receipt").count() == 6


@pytest.mark.usefixtures("shelves")
def test_a_chunk_that_fails_leaves_nothing_behind(importer, monkeypatch):
    before = world()

    def broken(**_given):
        raise RuntimeError("power cut")

    monkeypatch.setattr(booking.ledger, "post", broken)
    with pytest.raises(RuntimeError):
        importer.bring(importer.write())
    assert world() == before


@pytest.mark.usefixtures("shelves")
def test_a_run_killed_while_reading_reads_again(importer, monkeypatch):
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 4)
    real, done = staging._copy, []

    def fragile(**given):
        if done:
            raise KeyboardInterrupt
        done.append(1)
        real(**given)

    path = importer.write()
    monkeypatch.setattr(staging, "_copy", fragile)
    with pytest.raises(KeyboardInterrupt):
        importer.bring(path)
    assert ImportRow.objects.count() == 4
    assert not Order.objects.exists()
    monkeypatch.setattr(staging, "_copy", real)
    assert importer.bring(path).figures["rows"] == 10


@pytest.mark.usefixtures("shelves")
def test_staged_rows_are_gone_when_the_run_is_done_but_refused_ones(importer):
    run = importer.bring(importer.write())
    refused = ImportRow.objects.get()
    assert (refused.run, refused.row_number, refused.kind) == (run, 11, "refused")
    assert (refused.error, refused.data) == ("rule", {"reason": "bad debt"})


def spread(path, sheet):
    book = openpyxl.Workbook(write_only=True)
    table = book.create_sheet(sheet)
    table.append(HEADER)
    for row in ROWS:
        when = datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        number = int(row[0]) if row[0].isdigit() else row[0]
        buyer = int(row[6]) if row[6] else None
        table.append([number, when, row[2], row[3], int(row[4]), float(row[5]), buyer, row[7]])
    book.save(path)
    return path


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize("form", ["tsv", "tsv.gz", "csv.bz2", "xlsx", "utf-16", "decimal comma"])
def test_the_same_books_from_every_form_of_the_file(importer, tmp_path, form):
    text, content = MAPPING, importer.write(name="plain.csv").read_bytes()
    tabs = content.replace(b",", b"\t")
    path = tmp_path / f"orders.{form if '.' in form or form in ('tsv', 'xlsx') else 'csv'}"
    if form == "xlsx":
        spread(path, "Orders")
    elif form == "utf-16":
        path.write_bytes(content.decode().encode("utf-16"))
    elif form == "decimal comma":
        text = MAPPING.replace("[values]", '[values]\ndecimal_mark = ","')
        path.write_bytes(content.replace(b",", b";").replace(b".", b","))
    elif form == "csv.bz2":
        path.write_bytes(bz2.compress(content))
    else:
        path.write_bytes(gzip.compress(tabs) if form.endswith("gz") else tabs)
    run = importer.bring(path, text=text)
    assert run.figures["gross"] == {"GBP": "28.10"}
    assert (run.figures["orders"], run.figures["order_lines"]) == (3, 5)
    assert (stock_of("MUG"), stock_of("TEA")) == ((4, 0), (0, 0))
    assert order_of("1").customer.references.get().value == "17850"


@pytest.mark.usefixtures("shelves")
def test_rows_that_cannot_be_read_stop_the_whole_file(importer):
    before = world()
    with pytest.raises(errors.RowsUnreadable) as raised:
        importer.bring(importer.write(ROWS + UNREADABLE))
    assert raised.value.params["rows"] == 3
    assert world() == before
    assert set(ImportRow.objects.values_list("error", flat=True)) == {
        "rule",
        "time_does_not_exist",
        "not_a_number",
    }


@pytest.mark.usefixtures("shelves")
def test_rows_that_cannot_be_read_may_be_left_out(importer):
    path = importer.write(ROWS + UNREADABLE)
    with pytest.raises(errors.RowsUnreadable):
        importer.bring(path)
    run = importer.bring(path, skip_bad_rows=True)
    assert (run.figures["orders"], run.figures["refused"]) == (3, 4)


@pytest.mark.usefixtures("shelves")
def test_a_file_that_cannot_be_read_books_nothing(importer):
    path = importer.write()
    path.write_bytes(path.read_bytes() + b"9,2026-03-05 09:00:00,K\xe4se,,1,1,,\n")
    before = world()
    with pytest.raises(Unreadable):
        importer.bring(path)
    assert world() == before


@pytest.mark.usefixtures("shelves")
def test_a_currency_the_channel_does_not_take_is_refused(importer):
    with pytest.raises(Unreadable, match="does not take EUR"):
        importer.bring(importer.write(), text=MAPPING.replace("GBP", "EUR"))


@pytest.mark.usefixtures("shelves")
def test_rows_of_one_reference_in_two_currencies_are_refused(importer, shop):
    shop.change(currencies=["GBP", "EUR"])
    text = MAPPING.replace("[values]", 'currency = "Money"\n[values]')
    rows = [[*ROWS[0], "GBP"], [*ROWS[2], "EUR"], [*ROWS[4], "EUR"]]
    run = importer.bring(importer.write(rows, header=[*HEADER, "Money"]), text=text)
    assert (run.figures["orders"], run.figures["refused"]) == (1, 2)
    assert run.figures["gross"] == {"EUR": "6.25"}
    assert set(ImportRow.objects.values_list("error", flat=True)) == {"mixed_currencies"}


def test_mappings_are_checked_before_anything_is_read(importer):
    with pytest.raises(BadMapping):
        importer.bring(importer.write(), text="nonsense")
    assert not ImportRun.objects.exists()
