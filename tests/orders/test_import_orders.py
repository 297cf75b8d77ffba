"""The command: what it prints and reports, and how it leaves."""

import pytest
from django.core.management import CommandError

from config.kernel.errors import Busy
from config.kernel.models import Channel
from orders.models import ImportRun, Order
from orders.services.importing import booking, staging
from tests.factories.imports import MAPPING, ROWS, UNREADABLE, Importer
from tests.factories.inventory import WarehouseFactory

BAD_TIME = UNREADABLE[0][1]


@pytest.fixture
def importer(shop, tmp_path):
    return Importer(shop, tmp_path)


@pytest.fixture
def shelves(shop):
    """Ten mugs, seven teas."""
    shop.put("MUG", 10)
    shop.put("TEA", 7)


@pytest.mark.usefixtures("shelves")
def test_the_command_prints_every_figure(importer):
    said = importer.command(importer.write())
    told = dict(line.split(":", 1) for line in said.splitlines()[:9])
    assert {name: value.strip() for name, value in told.items()} == {
        "rows": "10",
        "orders": "3 with 5 lines",
        "gross": "GBP 28.10",
        "credits": "1 with 2 lines",
        "credited": "GBP -7.45",
        "stock corrections": "2",
        "already there": "0",
        "SKUs short": "0",
        "rows refused": "1",
    }


@pytest.mark.usefixtures("shelves")
def test_the_command_takes_the_warehouse_that_is_asked_first(importer, shop):
    WarehouseFactory(code="FIRST", priority=1, is_active=False)
    second = WarehouseFactory(code="SECOND", priority=90)
    importer.command(importer.write())
    assert ImportRun.objects.get().warehouse == shop.warehouse
    importer.command(importer.write([ROWS[3]], name="second.csv"), "--warehouse", "SECOND")
    assert ImportRun.objects.get(file_name="second.csv").warehouse == second


@pytest.mark.usefixtures("shelves")
def test_the_report_names_row_reason_column_and_value(importer):
    importer.command(importer.write(ROWS + UNREADABLE), "--skip-bad-rows")
    assert importer.report() == [
        ["11", "A5", "bad debt", "", ""],
        ["12", "5", "The clocks were put forward: there was no such time.", "When", BAD_TIME],
        ["13", "6", "This is not a number as the mapping writes them.", "Qty", "one"],
        ["14", "'=2+5", "This is not a number as the mapping writes them.", "Qty", "'-3x"],
    ]  # fmt: skip


@pytest.mark.usefixtures("shelves")
def test_the_report_is_written_also_when_nothing_is_booked(importer):
    with pytest.raises(CommandError, match="nothing was booked") as raised:
        importer.command(importer.write(ROWS + UNREADABLE))
    assert raised.value.returncode == 2
    assert len(importer.report()) == 4
    assert not Order.objects.exists()


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": "[columns]"}, "columns.reference: Field required"),
        ({"text": MAPPING.replace('"Qty"', '"Menge"')}, "Menge"),
        ({"path": "absent.csv"}, "No such file"),
        ({"args": ("--warehouse", "NOWHERE")}, "no active warehouse NOWHERE"),
    ],
)
def test_refusals_are_one_plain_line(importer, more, said):
    with pytest.raises(CommandError, match=said) as raised:
        importer.command(
            more.get("path", importer.write()),
            *more.get("args", ()),
            text=more.get("text", MAPPING),
        )
    assert raised.value.returncode == 2
    assert not Order.objects.exists()


def test_an_unknown_channel_is_refused(importer, shop):
    Channel.objects.filter(pk=shop.channel.pk).update(is_active=False)
    with pytest.raises(CommandError, match="There is no sales channel"):
        importer.command(importer.write())


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize(
    ("cause", "said"),
    [(KeyboardInterrupt(), "stopped by hand"), (Busy(), "busy with the same records")],
)
def test_stopped_midway_it_says_that_it_goes_on(importer, monkeypatch, cause, said):
    monkeypatch.setattr(staging, "LINES_AT_ONCE", 1)
    real, done = booking.book, []

    def fragile(**given):
        if done:
            raise cause
        done.append(real(**given))

    path = importer.write()
    monkeypatch.setattr(booking, "book", fragile)
    with pytest.raises(CommandError, match=f"{said}.*; the same command goes on") as raised:
        importer.command(path)
    assert raised.value.returncode == 3
    assert Order.objects.count() == 1
    monkeypatch.setattr(booking, "book", real)
    assert "3 with 5 lines" in importer.command(path)
