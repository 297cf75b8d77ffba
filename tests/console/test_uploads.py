"""The pages of uploads: who sees which, what a file would do, the decision, what is downloaded."""

import csv
import io
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from config.kernel import ids, jobs
from config.kernel.models import Job, Upload
from config.kernel.uploads import guard, sheets
from inventory.models import Product
from tests.console import pages
from tests.desk import csv_of
from tests.factories.inventory import ProductFactory, SupplierFactory

UPLOADS = "/admin/kernel/upload/"
PRODUCTS = f"{UPLOADS}of/products/"
HEADER = ["sku", "name", "weight_grams"]


@pytest.fixture(autouse=True)
def own_files(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path)
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)


@pytest.fixture
def manager(as_role):
    return as_role("manager")


def hand_in(client, *rows, code="products", name="list.csv", **more):
    """Send a file as the form does; nothing has run yet."""
    told = {"command_id": ids.new(), "file": SimpleUploadedFile(name, csv_of(*rows)), **more}
    return client.post(f"{UPLOADS}of/{code}/", told)


def checked(client, *rows, **more):
    """Send a file and let it be checked; return the address of its page."""
    answer = hand_in(client, *rows, **more)
    assert answer.status_code == 302, pages.text(answer)
    jobs.work()
    return answer.url


def decide(client, address, action="book", **more):
    answer = client.post(
        address.replace("change/", f"{action}/"), {"command_id": ids.new(), **more}, follow=True
    )
    jobs.work()
    return answer


def test_the_first_page_shows_what_one_may_upload_or_export(as_role):
    kinds = re.compile(UPLOADS + r"of/(\w+)/")
    seen = {
        role: set(kinds.findall(as_role(role).get(UPLOADS).content.decode()))
        for role in ("manager", "sales", "warehouse")
    }
    assert seen["manager"] == {
        "products", "barcodes", "prices", "suppliers", "bins", "stock", "reorder_points",
        "customers", "orders",
    }  # fmt: skip
    assert "stock" in seen["warehouse"]
    assert "customers" not in seen["warehouse"]
    assert {"customers", "orders"} <= seen["sales"]


def test_who_may_only_read_is_offered_the_export_and_no_upload(as_role):
    sales = as_role("sales")
    shown = pages.text(sales.get(PRODUCTS))
    assert "Export of everything you may see" in shown
    assert "Upload a file" not in shown
    assert hand_in(sales, HEADER, ["A", "", ""]).status_code == 403
    assert as_role("warehouse").get(f"{UPLOADS}of/customers/").status_code == 404
    assert sales.get(f"{UPLOADS}of/nonsense/").status_code == 404


def test_a_file_is_checked_shown_and_booked(manager):
    ProductFactory(sku="OLD", name="Old")
    SupplierFactory()
    address = checked(
        manager,
        [*HEADER, "colour"],
        ["A", "New one", "5", "red"],
        ["OLD", "Older", "", ""],
        ["B", "", "heavy", ""],
    )
    shown = pages.text(manager.get(address))
    assert "1 new, 1 changed, 1 wrong." in shown
    assert "These columns are unknown and were not read: colour." in shown
    assert "Book 2 rows, skip 1" in shown
    assert "4 B weight_grams: “heavy” is not a number." in shown
    assert "name Old → Older" in pages.text(manager.get(f"{address}?show=changed"))
    assert "2 A name New one weight_grams 5" in pages.text(manager.get(f"{address}?show=new"))
    decide(manager, address, skip_bad_rows="on")
    shown = pages.text(manager.get(address))
    assert "1 added, 1 changed, 1 left out." in shown
    assert Product.objects.get(sku="OLD").name == "Older"
    history = pages.text(manager.get(UPLOADS))
    assert "list.csv Products Booked 1 added, 1 changed, 1 left out." in history


def test_nothing_is_booked_when_that_is_chosen(manager):
    address = checked(manager, HEADER, ["A", "", ""])
    assert "Book 1 row" in pages.text(manager.get(address))
    decide(manager, address, "discard")
    assert "Nothing was booked." in pages.text(manager.get(address))
    assert "does not wait for a decision" in pages.text(decide(manager, address))
    assert not Product.objects.exists()


def test_a_file_that_says_what_the_books_say_has_nothing_to_book(manager):
    ProductFactory(sku="A", name="Tea")
    address = checked(manager, ["sku", "name"], ["A", "Tea"])
    shown = pages.text(manager.get(address))
    assert "there is nothing to book" in shown
    assert "Put it away" in shown


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.exe", b"MZ\x90\x00", "CSV, TSV and XLSX files are taken"),
        ("x.csv", b"MZ\x90\x00", "this is a program"),
        ("x.csv", b"", "the file is empty"),
    ],
)
def test_what_is_not_taken_is_said_at_once(manager, name, content, told):
    answer = manager.post(
        PRODUCTS, {"command_id": ids.new(), "file": SimpleUploadedFile(name, content)}
    )
    assert answer.status_code == 422
    assert told in pages.text(answer)
    assert not Upload.objects.exists()


def test_a_form_without_a_file_asks_for_one(manager):
    answer = manager.post(PRODUCTS, {"command_id": ids.new()})
    assert (answer.status_code, "Choose a file." in pages.text(answer)) == (422, True)


def test_a_file_that_is_too_large_is_dropped_while_it_arrives(manager, monkeypatch, tmp_path):
    monkeypatch.setattr(guard, "MOST_BYTES", 100_000)
    answer = hand_in(manager, *[["x" * 1000] for _ in range(200)], name="big.csv")
    assert answer.status_code == 422
    assert "big.csv: the file is larger than" in pages.text(answer)
    assert list(tmp_path.rglob("*.csv")) == []


def test_a_file_that_cannot_be_read_says_why(manager):
    address = checked(manager, ["Artikel", "Name"], ["A", "Tea"])
    shown = pages.text(manager.get(address))
    assert "These are missing: sku. Found: Artikel, Name" in shown
    assert "Upload another file" in shown


def test_an_upload_is_its_owners(as_role, manager):
    address = checked(manager, HEADER, ["SECRET", "", "x"])
    other = as_role("sales")
    assert other.get(address).status_code == 404
    for action in ("book", "discard"):
        posted = other.post(address.replace("change/", f"{action}/"), {"command_id": ids.new()})
        assert posted.status_code == 404
    overseer = as_role("administrator")
    shown = pages.text(overseer.get(address))
    assert "SECRET" not in shown
    assert "shown to whoever uploaded it" in shown
    answer = overseer.post(address.replace("change/", "book/"), {"command_id": ids.new()})
    assert answer.status_code == 404
    assert not Product.objects.exists()


def test_the_error_file_is_a_download_of_its_owner_only(as_role, manager):
    address = checked(manager, HEADER, ["A", "=cmd", "heavy"], name="we'ird; x=.csv")
    shown = manager.get(address).content.decode()
    file = re.search(r'href="([^"]+wrong-rows\.csv)"', shown).group(1)
    answer = manager.get(file)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="wrong-rows.csv"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[1] == ["weight_grams: “heavy” is not a number.", "A", "'=cmd", "heavy"]
    assert as_role("administrator").get(file).status_code == 404


def test_what_a_file_says_is_text_on_the_page(manager):
    address = checked(manager, HEADER, ["<img src=x onerror=alert(1)>", "{{7*7}}", "<b>"])
    shown = manager.get(address).content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "49" not in pages.text(manager.get(f"{address}?show=bad")).split("Rows")[-1]


def test_a_template_and_an_export_are_downloads(manager):
    ProductFactory(sku="A", name="=cmd")
    template = manager.get(f"{PRODUCTS}template.xlsx")
    assert template.headers["Content-Disposition"] == 'attachment; filename="products.xlsx"'
    header, *examples = sheets.rows(io.BytesIO(template.content), "x.xlsx")
    assert (header[0], examples[0][0]) == ("sku", "APR-BLU")
    answer = manager.post(f"{PRODUCTS}export.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:2] == ["A", "'=cmd"]
    assert manager.post(f"{PRODUCTS}export.pdf").status_code == 404
    assert manager.get(f"{PRODUCTS}export.csv").status_code == 405


def test_a_long_export_leads_to_its_job(manager, monkeypatch):
    monkeypatch.setattr("config.kernel.uploads.exporting.AT_ONCE", 1)
    ProductFactory.create_batch(2)
    answer = manager.post(f"{PRODUCTS}export.xlsx", follow=True)
    jobs.work()
    job = Job.objects.get()
    assert answer.redirect_chain[-1][0] == jobs.address(job)
    assert [file.name for file in job.files.all()] == ["products.xlsx"]


def test_lists_lead_to_where_their_records_are_uploaded(manager, as_role):
    assert f'href="{PRODUCTS}"' in manager.get("/admin/inventory/product/").content.decode()
    for page, code in (
        ("/admin/inventory/supplier/", "suppliers"),
        ("/admin/inventory/bin/", "bins"),
        ("/admin/customers/customer/", "customers"),
    ):
        assert f'href="{UPLOADS}of/{code}/"' in manager.get(page).content.decode()
    shown = as_role("warehouse").get("/admin/customers/customer/").content.decode()
    assert f"{UPLOADS}of/customers/" not in shown


def test_the_page_of_an_upload_asks_the_same_however_many_rows(
    manager, django_assert_max_num_queries
):
    address = checked(manager, HEADER, *[[f"S-{n}", "", "x"] for n in range(60)])
    manager.get(address)
    with django_assert_max_num_queries(14):
        shown = manager.get(address)
    assert "Page 1" in pages.text(shown)
    assert "S-59" in pages.text(manager.get(f"{address}?show=bad&p=3"))


def test_while_it_runs_the_page_keeps_itself_up_to_date(manager):
    address = hand_in(manager, HEADER, ["A", "", ""]).url
    shown = manager.get(address)
    assert "data-live=" in shown.content.decode()
    assert "Being checked" in pages.text(shown)
    decide(manager, address, "discard")
    assert Upload.objects.get().status == "discarded"
    assert "data-live=" not in manager.get(address).content.decode()
