"""Files of products, barcodes, prices, suppliers, bins, stock and reorder points."""

from datetime import timedelta
from decimal import Decimal

import pytest

from config.kernel import clock, ids
from config.kernel.actors import Actor
from config.kernel.models import Event
from config.kernel.uploads import exporting, layouts
from inventory.models import (
    Barcode,
    Bin,
    BinStock,
    Price,
    Product,
    ReorderRule,
    StockLevel,
    StockMovement,
    Supplier,
)
from inventory.services import adjustments, receiving, reservations
from inventory.services.receiving import Arrival
from tests.desk import counts
from tests.factories.inventory import (
    BinFactory,
    ProductFactory,
    SupplierFactory,
    WarehouseFactory,
)

SYSTEM = Actor.system("test")


def receive(product, warehouse, quantity):
    receiving.receive(
        warehouse_id=warehouse.pk,
        arrivals=[Arrival(product.pk, quantity)],
        command_id=ids.new(),
        document="test",
        actor=SYSTEM,
        at=clock.now(),
    )


# ---------------------------------------------------------------------------- products


def test_products_are_added_changed_and_left(desk):
    supplier = SupplierFactory(code="TEX")
    ProductFactory(sku="OLD", name="Old", weight_grams=5, cost=Decimal("2.5000"))
    ProductFactory(sku="SAME", name="Same")
    checked = desk.check(
        "products",
        ["SKU", "Name", "Weight grams", "supplier", "cost"],
        ["NEW-1", "New one", "", "tex", "1.25"],
        ["old", "Older", "7", "", "2.50"],
        ["SAME", "Same", "", "", ""],
    )
    assert (checked.status, counts(checked)) == ("ready", (1, 1, 1, 0))
    assert Product.objects.count() == 2
    row = checked.rows.get(row_number=3)
    assert (row.outcome, row.before) == ("changed", {"name": "Old", "weight_grams": 5})
    booked = desk.book(checked)
    assert booked.status == "done"
    assert (booked.figures["booked_new"], booked.figures["booked_changed"]) == (1, 1)
    assert booked.rows.count() == 0
    new = Product.objects.get(sku_key="new-1")
    assert (new.name, new.supplier, new.cost, new.is_stocked, new.pack_multiple) == (
        "New one", supplier, Decimal("1.25"), True, 1,
    )  # fmt: skip
    old = Product.objects.get(sku_key="old")
    assert (old.sku, old.name, old.weight_grams, old.cost, old.version) == (
        "OLD", "Older", 7, Decimal("2.5"), 2,
    )  # fmt: skip
    assert Product.objects.get(sku="SAME").version == 1


def test_a_column_left_out_and_an_empty_cell_are_two_things(desk):
    ProductFactory(sku="A", name="Kept", hs_code="12", weight_grams=5, pack_multiple=6)
    desk.all_in("products", ["sku", "weight_grams", "pack_multiple", "name"], ["A", "", "", ""])
    product = Product.objects.get(sku="A")
    assert (product.weight_grams, product.hs_code) == (None, "12")
    assert (product.name, product.pack_multiple) == ("Kept", 6)


def test_orders_that_wait_for_a_sku_are_told_of_the_new_ones(desk):
    desk.all_in("products", ["sku"], ["A"], ["B"])
    event = Event.objects.get(type="product.changed_many")
    known = Product.objects.values_list("pk", flat=True)
    assert set(event.payload["product_ids"]) == set(map(str, known))
    assert event.actor_kind == "staff"


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("sku", "", "missing"),
        ("sku", "x" * 65, "too_long"),
        ("sku", "a\u200bb", "sku_characters"),
        ("sku", "5.01234E+12", "shortened"),
        ("supplier", "NOBODY", "unknown_supplier"),
        ("weight_grams", "heavy", "not_a_number"),
        ("weight_grams", "1.5", "not_whole"),
        ("weight_grams", "-1", "out_of_range"),
        ("cost", "1,234", "ambiguous_number"),
        ("cost", "1.23456", "too_precise"),
        ("cost_currency", "XQQ", "unknown_currency"),
        ("is_active", "perhaps", "not_yes_or_no"),
        ("origin_country", "Portugal", "unknown_country"),
        ("pack_multiple", "0", "out_of_range"),
    ],
)
def test_a_bad_cell_is_named(desk, column, cell, code):
    row = {"sku": "A-1", "name": "A", column: cell}
    checked = desk.check("products", list(row), list(row.values()))
    assert counts(checked) == (0, 0, 0, 1)
    assert desk.codes(checked) == {2: [code]}


def test_all_that_is_wrong_with_a_row_is_named_at_once(desk):
    checked = desk.check("products", ["sku", "cost", "is_active"], ["A", "x", "maybe"])
    assert desk.wrong(checked) == {
        2: "cost: “x” is not a number. is_active: “maybe” is neither yes nor no."
    }


def test_what_lies_in_a_warehouse_stays_stocked(desk):
    product = ProductFactory(sku="A")
    receive(product, WarehouseFactory(), 3)
    ProductFactory(sku="B")
    checked = desk.check("products", ["sku", "is_stocked"], ["A", "no"], ["B", "no"])
    assert desk.codes(checked) == {2: ["has_stock"]}
    assert counts(checked) == (0, 1, 0, 1)


# ---------------------------------------------------------------------------- what products have


def test_barcodes_are_kept_in_one_spelling(desk):
    apron, pot = ProductFactory(sku="APR"), ProductFactory(sku="POT")
    Barcode.objects.create(product=pot, code="00000050123452", unit_quantity=1)
    upload = desk.all_in(
        "barcodes",
        ["barcode", "sku", "units"],
        ["5012345678900", "apr", ""],
        ["15012345678907", "APR", "12"],
        ["own code", "APR", "1"],
        ["50123452", "APR", "2"],
    )
    assert upload.figures["booked_new"] == 3
    assert sorted(Barcode.objects.values_list("code", "product__sku", "unit_quantity")) == [
        ("00000050123452", "APR", 2),
        ("05012345678900", "APR", 1),
        ("15012345678907", "APR", 12),
        ("OWN CODE", "APR", 1),
    ]
    assert apron.barcodes.count() == 4


def test_a_mistyped_barcode_and_an_unknown_product_are_refused(desk):
    ProductFactory(sku="A")
    checked = desk.check(
        "barcodes", ["barcode", "sku"], ["5012345678901", "A"], ["5012345678900", "Z"]
    )
    assert desk.codes(checked) == {2: ["check_digit"], 3: ["unknown_sku"]}


def test_prices_have_their_floor_below_them(desk):
    ProductFactory(sku="A")
    checked = desk.check(
        "prices",
        ["sku", "currency", "list_price", "floor_price"],
        ["A", "gbp", "32", "24.5"],
        ["A", "EUR", "39,00", ""],
        ["A", "USD", "10", "11"],
    )
    assert desk.codes(checked) == {4: ["floor_above_price"]}
    desk.book(checked, skip=True)
    assert sorted(Price.objects.values_list("currency", "list_price", "floor_price")) == [
        ("EUR", Decimal(39), None),
        ("GBP", Decimal(32), Decimal("24.5")),
    ]


def test_suppliers_are_found_by_any_spelling_of_their_code(desk):
    SupplierFactory(code="Tex", name="Texport")
    checked = desk.check(
        "suppliers",
        ["code", "name", "email"],
        ["TEX", "Texport Lda.", "a@b.example"],
        ["NEW", "", ""],
        ["NEW2", "New two", "nonsense"],
    )
    assert desk.codes(checked) == {3: ["missing"], 4: ["not_an_email"]}
    desk.book(checked, skip=True)
    supplier = Supplier.objects.get()
    assert (supplier.code, supplier.name, supplier.version) == ("Tex", "Texport Lda.", 2)


def test_two_spellings_of_one_record_contradict_each_other(desk):
    SupplierFactory(code="TEX")
    checked = desk.check("suppliers", ["code", "name"], ["TEX", "One"], ["tex", "Two"])
    assert desk.codes(checked) == {3: ["twice"]}


def test_reorder_points_are_set_per_warehouse(desk):
    main, product = WarehouseFactory(code="MAIN"), ProductFactory(sku="A")
    ProductFactory(sku="POST", is_stocked=False)
    ReorderRule.objects.create(product=product, warehouse=main, reorder_point=1, reorder_quantity=9)
    WarehouseFactory(code="NORTH")
    checked = desk.check(
        "reorder_points",
        ["warehouse", "sku", "reorder_point"],
        ["main", "a", "5"],
        ["NORTH", "A", "7"],
        ["SOUTH", "A", "7"],
        ["MAIN", "POST", "7"],
    )
    assert desk.codes(checked) == {4: ["unknown_warehouse"], 5: ["not_stocked"]}
    desk.book(checked, skip=True)
    rules = ReorderRule.objects.order_by("warehouse__code")
    assert list(rules.values_list("warehouse__code", "reorder_point", "reorder_quantity")) == [
        ("MAIN", 5, 9),
        ("NORTH", 7, 0),
    ]


# ---------------------------------------------------------------------------- bins


def test_bins_are_added_and_changed_in_the_warehouses_one_works_in(desk_of):
    main, south = WarehouseFactory(code="MAIN"), WarehouseFactory(code="SOUTH")
    BinFactory(warehouse=main, code="A-1", sequence=1)
    desk = desk_of(warehouses=[main])
    checked = desk.check(
        "bins",
        ["warehouse", "bin", "kind", "sequence"],
        ["MAIN", "a-1", "", "5"],
        ["MAIN", "B-1", "BULK", ""],
        ["SOUTH", "B-1", "bulk", ""],
        ["MAIN", "B-2", "attic", ""],
    )
    assert desk.codes(checked) == {4: ["unknown_warehouse"], 5: ["not_a_choice"]}
    desk.book(checked, skip=True)
    bins = Bin.objects.filter(code__in=["A-1", "a-1", "B-1"]).order_by("code")
    assert list(bins.values_list("code", "kind", "sequence")) == [
        ("A-1", "pick", 5),
        ("B-1", "bulk", 0),
    ]
    assert not south.bins.filter(code="B-1").exists()


def test_what_lies_in_a_bin_that_becomes_quarantine_is_unavailable(desk):
    main, product = WarehouseFactory(code="MAIN"), ProductFactory(sku="A")
    place = BinFactory(warehouse=main, code="X")
    count(product, place, 4)
    desk.all_in("bins", ["warehouse", "bin", "kind"], ["MAIN", "X", "quarantine"])
    level = StockLevel.objects.get()
    assert (level.on_hand, level.unavailable) == (4, 4)
    assert Bin.objects.get(code="X").kind == "quarantine"


def count(product, place, quantity, based_on=0):
    adjustments.count_bin(
        product_id=product.pk,
        bin_id=place.pk,
        counted=quantity,
        based_on=based_on,
        command_id=ids.new(),
        actor=SYSTEM,
        at=clock.now(),
    )


# ---------------------------------------------------------------------------- stock


@pytest.fixture
def shelf(db):  # noqa: ARG001 - the test database
    """A warehouse with two bins, and a product of which 10 lie in the first."""
    main = WarehouseFactory(code="MAIN")
    first, second = BinFactory(warehouse=main, code="A-1"), BinFactory(warehouse=main, code="A-2")
    product = ProductFactory(sku="APR", name="Apron")
    count(product, first, 10)
    return main, first, second, product


HEADER = ["warehouse", "bin", "sku", "quantity"]


@pytest.mark.usefixtures("shelf")
def test_the_figure_in_the_file_is_what_lies_in_the_bin(desk):
    movements = StockMovement.objects.count()
    checked = desk.check("stock", HEADER, ["main", "a-1", "apr", "7"], ["MAIN", "A-2", "APR", "4"])
    assert counts(checked) == (0, 2, 0, 0)
    assert [row.before for row in checked.rows.order_by("row_number")] == [
        {"quantity": 10},
        {"quantity": 0},
    ]
    desk.book(checked)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.unavailable) == (11, 0)
    assert dict(BinStock.objects.values_list("bin__code", "quantity")) == {"A-1": 7, "A-2": 4}
    movement = StockMovement.objects.latest("version")
    assert StockMovement.objects.count() == movements + 1
    assert (movement.kind, movement.d_on_hand, movement.reason, movement.actor_kind) == (
        "count", 1, "file.csv", "staff",
    )  # fmt: skip


@pytest.mark.usefixtures("shelf")
def test_without_a_bin_it_lies_where_stock_lies_when_nothing_else_is_said(desk):
    desk.all_in("stock", ["warehouse", "sku", "quantity"], ["MAIN", "APR", "3"])
    assert dict(BinStock.objects.values_list("bin__code", "quantity")) == {"A-1": 10, "STOCK": 3}


@pytest.mark.usefixtures("shelf")
def test_damaged_units_are_on_hand_and_unavailable(desk):
    desk.all_in("stock", [*HEADER, "condition"], ["MAIN", "A-1", "APR", "2", "damaged"])
    level = StockLevel.objects.get()
    assert (level.on_hand, level.unavailable) == (12, 2)


@pytest.mark.usefixtures("shelf")
def test_lots_are_counted_apart(desk):
    desk.all_in(
        "stock",
        [*HEADER, "lot"],
        ["MAIN", "A-1", "APR", "1", "L1"],
        ["MAIN", "A-1", "APR", "2", "L2"],
    )
    assert sorted(BinStock.objects.values_list("lot", "quantity"), key=str) == [
        ("L1", 1), ("L2", 2), (None, 10),
    ]  # fmt: skip


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["NORTH", "A-1", "APR", "1"], "unknown_warehouse"),
        (["MAIN", "Z-9", "APR", "1"], "unknown_bin"),
        (["MAIN", "A-1", "NOPE", "1"], "unknown_sku"),
        (["MAIN", "A-1", "POST", "1"], "not_stocked"),
        (["MAIN", "A-1", "APR", "-1"], "out_of_range"),
        (["MAIN", "A-1", "APR", ""], "missing"),
        (["MAIN", "A-1", "APR", str(2**31 - 1)], "too_many"),
    ],
)
def test_a_row_that_cannot_be_counted_is_refused(desk, row, code):
    ProductFactory(sku="POST", is_stocked=False)
    lie = ["MAIN", "A-2", "APR", "5"]
    checked = desk.check("stock", HEADER, lie, row)
    assert code in desk.codes(checked)[3]


def promise(product, quantity):
    level = StockLevel.objects.get(product=product)
    reservations.reserve(
        promises=[reservations.Promise(ids.new(), level.pk, quantity)],
        command_id=ids.new(),
        subject_id=None,
        document="",
        actor=SYSTEM,
        at=clock.now(),
    )


def test_a_count_below_what_is_promised_names_the_shortfall(desk, shelf):
    *_, product = shelf
    promise(product, 8)
    checked = desk.check("stock", HEADER, ["MAIN", "A-1", "APR", "5"])
    assert desk.wrong(checked) == {
        2: "quantity: with 5, 3 of the 8 allocated units would be missing. Take stock off those "
        "orders first, or count again."
    }


def test_what_moved_from_bin_to_bin_breaks_no_promise(desk, shelf):
    *_, product = shelf
    promise(product, 8)
    rows = [["MAIN", "A-1", "APR", "0"], ["MAIN", "A-2", "APR", "8"]]
    upload = desk.all_in("stock", HEADER, *rows)
    assert (upload.status, StockLevel.objects.get().on_hand) == ("done", 8)


def test_stock_that_moved_since_the_check_is_not_overwritten(desk, shelf):
    _, first, _, product = shelf
    checked = desk.check("stock", HEADER, ["MAIN", "A-1", "APR", "12"], ["MAIN", "A-2", "APR", "1"])
    count(product, first, 9, based_on=10)
    upload = desk.book(checked)
    assert (upload.status, upload.reason) == ("ready", "changed_meanwhile")
    assert StockLevel.objects.get().on_hand == 9
    assert desk.wrong(upload) == {
        2: "quantity: 10 lay there when the file was checked, 9 lie there now. Count again."
    }
    upload = desk.book(upload, skip=True)
    assert (upload.status, StockLevel.objects.get().on_hand) == ("done", 10)


@pytest.mark.usefixtures("shelf")
def test_two_spellings_of_a_bin_are_one_bin(desk):
    checked = desk.check("stock", HEADER, ["MAIN", "A-1", "APR", "1"], ["MAIN", "a-1", "APR", "2"])
    assert desk.codes(checked) == {3: ["twice"]}


def test_what_a_count_brings_to_light_is_told_to_waiting_orders(desk, shelf):
    *_, product = shelf
    desk.all_in("stock", HEADER, ["MAIN", "A-1", "APR", "25"])
    event = Event.objects.get(type="stock.gained_many")
    assert event.payload == {"product_ids": [str(product.pk)]}


# ---------------------------------------------------------------------------- there and back


@pytest.fixture
def company(shelf):
    """Records with everything a spreadsheet could spoil."""
    main, first, _, product = shelf
    supplier = SupplierFactory(
        code="=SUM(1)", name="'quoted", phone="+44 20", notes="two\nlines, and; more"
    )
    Supplier.objects.create(code="tex", name="-5", email="a@b.example")
    SupplierFactory(code="TEX")
    odd = ProductFactory(
        sku="00123", name="=HYPERLINK(1)", supplier=supplier, cost=Decimal("0.0001"),
        cost_currency="EUR", supplier_item_number="-2+3", hs_code="0012", weight_grams=0,
    )  # fmt: skip
    ProductFactory(sku="ß-Größe", name="a  b ", is_active=False, is_stocked=False)
    Barcode.objects.create(product=odd, code="05012345678900", unit_quantity=12)
    Barcode.objects.create(product=odd, code="'=X")
    Price.objects.create(product=odd, currency="GBP", list_price=Decimal("1234567.123456"))
    ReorderRule.objects.create(product=product, warehouse=main, reorder_point=0)
    BinFactory(warehouse=main, code="a-1", kind="quarantine", is_active=False)
    BinFactory(warehouse=WarehouseFactory(code="NORTH"), code="+1")
    adjustments.adjust(
        product_id=product.pk, warehouse_id=main.pk, quantity=3, bin_id=first.pk, lot="@L",
        condition="damaged", reason="x", command_id=ids.new(), actor=SYSTEM, at=clock.now(),
    )  # fmt: skip


EVERY = ("products", "barcodes", "prices", "suppliers", "bins", "stock", "reorder_points")


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("code", EVERY)
def test_what_was_exported_changes_nothing_when_uploaded(desk, code, form):
    exported = desk.export(code, form)
    checked = desk.check(code, exported, name=f"x.{form}")
    assert desk.wrong(checked) == {}
    assert checked.figures["new"] == checked.figures["changed"] == 0
    assert checked.figures["unchanged"] > 0


@pytest.mark.usefixtures("company")
def test_an_export_holds_only_what_one_may_see(desk_of):
    north = Bin.objects.get(code="+1").warehouse
    desk = desk_of("warehouse", warehouses=[north])
    assert {row[0] for row in desk.table("bins")[1:]} == {"NORTH"}
    assert desk.table("stock")[1:] == []
    assert desk.table("reorder_points")[1:] == []


def test_templates_can_be_uploaded_once_their_warehouse_is_there(desk):
    WarehouseFactory(code="MAIN")
    for code in ("suppliers", "products", "barcodes", "prices", "bins", "stock", "reorder_points"):
        for form in ("csv", "xlsx"):
            content = exporting.template(layout=layouts.of(code), form=form)
            checked = desk.check(code, content, name=f"x.{form}")
            assert desk.wrong(checked) == {}, code
        assert desk.book(checked).figures["booked_new"] + checked.figures["changed"] > 0
    assert timedelta(0) == timedelta(0)
