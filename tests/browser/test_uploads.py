"""A file of products: dropped, looked through, booked without its bad rows, put right."""

import csv
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from config.kernel import jobs
from inventory.models import Product
from tests.browser import pages
from tests.desk import csv_of
from tests.factories.inventory import ProductFactory

OLD = ["sku", "name", "weight_grams"]


@pytest.fixture(autouse=True)
def own_files(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path / "private")


@pytest.fixture
def file(tmp_path):
    ProductFactory(sku="MUG", name="Mug")
    path = tmp_path / "spring.csv"
    path.write_bytes(
        csv_of(OLD, ["MUG", "Mug, large", "350"], ["POT", "Pot", "900"], ["CUP", "Cup", "light"])
    )
    return path


def test_a_file_is_checked_booked_and_its_error_file_put_right(desktop, file, tmp_path):
    page = desktop("manager")
    page.goto("/admin/kernel/upload/")
    page.get_by_role("link", name="Products").last.click()
    page.get_by_label("Choose a CSV or XLSX file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("status")).to_have_text("Being checked")
    jobs.work()
    expect(page.get_by_role("status")).to_have_text("Waits for a decision")
    expect(page.get_by_role("cell", name="weight_grams: “light” is not a number.")).to_be_visible()
    page.get_by_role("link", name="Changed 1").click()
    expect(page.get_by_text("Mug, large")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Wrong rows as a file").click()
    wrong = tmp_path / "wrong.csv"
    download.value.save_as(wrong)
    page.get_by_role("button", name="Book 2 rows, skip 1").click()
    jobs.work()
    expect(page.get_by_role("status")).to_have_text("Booked")
    expect(page.get_by_text("1 added, 1 changed, 1 left out.")).to_be_visible()
    assert Product.objects.get(sku="MUG").weight_grams == 350
    _put_right(wrong)
    page.get_by_role("link", name="Upload another file").click()
    page.get_by_label("Choose a CSV or XLSX file").set_input_files(wrong)
    page.get_by_role("button", name="Check the file").click()
    jobs.work()
    page.get_by_role("button", name="Book 1 row").click()
    jobs.work()
    expect(page.get_by_text("1 added, 0 changed.")).to_be_visible()
    assert Product.objects.get(sku="CUP").weight_grams == 120


def _put_right(path: Path) -> None:
    header, row = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert header == ["what_is_wrong", *OLD]
    path.write_bytes(csv_of(header, [*row[:-1], "120"]))


def test_uploading_fits_a_phone(phone, file):
    page = phone("manager")
    page.goto("/admin/kernel/upload/of/products/")
    pages.assert_fits(page)
    page.get_by_label("Choose a CSV or XLSX file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    jobs.work()
    expect(page.get_by_role("status")).to_have_text("Waits for a decision")
    pages.assert_fits(page)
    page.goto("/admin/kernel/upload/")
    pages.assert_fits(page)


def test_it_works_without_scripts(desktop, browser, file):
    """The form, the decision and the answer are plain pages; scripts only make them livelier."""
    signed_in = desktop("manager")
    signed_in.goto("/admin/kernel/upload/of/products/")
    plain = browser.new_context(
        java_script_enabled=False,
        base_url=re.match(r"https?://[^/]+", signed_in.url).group(),
        storage_state=signed_in.context.storage_state(),
    )
    page = plain.new_page()
    page.goto("/admin/kernel/upload/of/products/")
    page.get_by_label("Choose a CSV or XLSX file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    jobs.work()
    page.reload()
    page.get_by_role("button", name="Book 2 rows, skip 1").click()
    jobs.work()
    page.reload()
    expect(page.get_by_text("1 added, 1 changed, 1 left out.")).to_be_visible()
    plain.close()
