"""`import_stock`: one receipt per file, once, or nothing at all."""

import gzip
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from inventory import imports
from inventory.models import Product, StockLevel, StockMovement, Warehouse
from tests.factories.inventory import ProductFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(tmp_path, capsys):
    def run(content, name="stock.csv", warehouse="MAIN"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        call_command("import_stock", str(path), warehouse=warehouse)
        return capsys.readouterr().out.strip()

    return run


def stock(warehouse="MAIN"):
    rows = StockLevel.objects.filter(warehouse__code=warehouse).order_by("product__sku")
    return {row.product.sku: row.on_hand for row in rows.select_related("product")}


def test_a_file_is_one_receipt(book):
    ProductFactory(sku="85123A", name="Heart")
    assert book("sku,quantity,note\n85123a,6,x\n10002,0,\n22139,12,\n") == (
        "MAIN: 3 products, 18 units"
    )
    assert stock() == {"22139": 12, "85123A": 6}
    assert set(Product.objects.values_list("sku", "name")) == {
        ("85123A", "Heart"),
        ("10002", "10002"),
        ("22139", "22139"),
    }
    movements = StockMovement.objects.values_list("kind", "document", "actor_label").distinct()
    assert list(movements) == [("receipt", "stock.csv", "import_stock")]
    assert StockMovement.objects.values("command_id").distinct().count() == 1
    assert set(Warehouse.objects.get().bins.values_list("code", flat=True)) == {
        "RECEIVING",
        "STOCK",
        "STAGING",
    }
    books.assert_agree()


def test_the_same_content_is_booked_once_per_warehouse(book):
    content = "sku,quantity\nA,5\n"
    for name in ("stock.csv", "again.csv"):
        book(content, name)
    book(gzip.compress(content.encode()), "packed.csv.gz")
    assert stock() == {"A": 5}
    book(content, warehouse="NORTH")
    assert stock("NORTH") == {"A": 5}
    book("sku,quantity\nA,2\n")
    assert stock() == {"A": 7}


def test_spellings_of_one_sku_add_up(book):
    book("\ufeffQuantity;SKU\n5;abc\n\n2;ABC \n1;abc\n")
    assert stock() == {"abc": 8}


def test_bad_rows_are_all_named_and_nothing_is_booked(book):
    with pytest.raises(CommandError) as refusal:
        book("sku,quantity\nA,5\n,3\nB,-1\nC,1.5\n\nD\nE,99999999999\nF,2147483648\n")
    assert str(refusal.value).splitlines() == [
        "Nothing was booked.",
        "line 3: no SKU",
        "line 4: '-1' is not a whole number from 0",
        "line 5: '1.5' is not a whole number from 0",
        "line 7: '' is not a whole number from 0",
        "line 8: '99999999999' is not a whole number from 0",
        "line 9: more than 2147483647 units",
    ]
    assert not Product.objects.exists()
    assert not Warehouse.objects.exists()


def test_many_bad_rows_are_counted(book):
    with pytest.raises(CommandError, match="… and 10 more"):
        book("sku,quantity\n" + "A,x\n" * 60)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sku,units\nA,5\n", "names no column quantity"),
        ("", "names no column sku and no column quantity"),
        (b"\x1f\x8bnot packed", "cannot be read"),
        ('sku,quantity\n"' + "A" * 200_000 + '",1\n', "is not CSV"),
        ("sku,quantity\n" + "A" * 65 + ",1\n", "1 to 64 characters"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(book, content, words):
    with pytest.raises(CommandError, match=words) as refusal:
        book(content)
    assert len(str(refusal.value).splitlines()) == 1
    assert not Product.objects.exists()


def test_a_missing_file_and_a_bad_code_are_named(book, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_stock", str(tmp_path / "none.csv"), warehouse="MAIN")
    with pytest.raises(CommandError, match="Capital letters"):
        book("sku,quantity\nA,1\n", warehouse="main hall")


def test_postage_is_not_booked(book):
    ProductFactory(sku="POST", is_stocked=False)
    with pytest.raises(CommandError, match="never stocked: POST"):
        book("sku,quantity\nA,1\npost,1\n")
    assert Product.objects.count() == 1


def test_a_file_that_would_unpack_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "SIZE_LIMIT", 2**20)
    path = Path(tmp_path / "bomb.csv.gz")
    path.write_bytes(gzip.compress(b"0" * (2**20 + 1)))
    with pytest.raises(imports.Unreadable, match="larger than 1 MiB"):
        imports.read(path)


def test_other_encodings_are_read(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_bytes("sku\tquantity\nStraße\t3\n".encode("utf-16"))
    assert imports.read(path).quantities == {"Straße": 3}
    path.write_bytes("sku,quantity\nStraße,3\n".encode("cp1252"))
    assert imports.read(path).quantities == {"Straße": 3}


def test_a_large_file_takes_few_statements(book, django_assert_max_num_queries):
    rows = "".join(f"SKU{number},{number}\n" for number in range(3000))
    with django_assert_max_num_queries(40):
        book("sku,quantity\n" + rows)
    assert sum(stock().values()) == sum(range(3000))


def test_more_than_the_books_can_count_is_refused(book):
    with pytest.raises(CommandError, match="No warehouse holds that many"):
        book("sku,quantity\nA,2147483647\na,1\n")
    assert not Product.objects.exists()
