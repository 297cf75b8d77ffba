"""Uploads: what is taken in, what is booked, once, whoever dies; told row by row."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from config.kernel import clock, exports, ids, jobs, workbooks
from config.kernel.jobs import storage
from config.kernel.models import Job, Upload, UploadRow
from config.kernel.uploads import (
    columns,
    guard,
    layouts,
    reading,
    retention,
    sheets,
    staging,
    starting,
)
from config.kernel.uploads.columns import BadCell
from config.kernel.uploads.errors import MEBIBYTE, Unreadable
from inventory.models import Product
from inventory.services import many
from tests import threads
from tests.desk import counts, csv_of, xlsx_of
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db

HEADER = ["sku", "name"]
ROWS = [HEADER, ["A", "Käse"], ["B", "“Tea”, black"]]


def names():
    return dict(Product.objects.values_list("sku", "name"))


# ---------------------------------------------------------------------------- what is taken in


def archive(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return packed.getvalue()


TEXT = csv_of(*ROWS).decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", TEXT.encode()),
        ("A.CSV", b"\xef\xbb\xbf" + TEXT.encode()),
        ("a.csv", TEXT.encode("utf-16")),
        ("a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")),
        ("a.csv", TEXT.encode("cp1252")),
        ("a.csv", 'sku;name\r\nA;Käse\r\nB;"“Tea”, black"\r\n'.encode("cp1252")),
        ("a.txt", "sku\tname\nA\tKäse\nB\t“Tea”, black\n".encode("utf-16")),
        ("a.xlsx", xlsx_of(*ROWS)),
    ],
)
def test_the_same_rows_however_the_file_is_written(desk, name, content):
    desk.book(desk.check("products", content, name=name))
    assert names() == {"A": "Käse", "B": "“Tea”, black"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"MZ\x90\x00program", "is_other"),
        ("a.csv", b"\x7fELF\x02\x01", "is_other"),
        ("a.csv", b"%PDF-1.7 text", "is_other"),
        ("a.csv", b"\x89PNG\r\n", "is_other"),
        ("a.csv", xlsx_of(*ROWS), "is_other"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "is_other"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "is_other"),
        ("a.xlsx", TEXT.encode(), "not_what_it_says"),
        ("a.exe", TEXT.encode(), "not_taken"),
        ("a.xlsm", xlsx_of(*ROWS), "not_taken"),
        ("a.csv.gz", TEXT.encode(), "not_taken"),
        ("csv", TEXT.encode(), "not_taken"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_stored(desk, name, content, reason, tmp_path):
    with pytest.raises(Unreadable) as refused:
        desk.give("products", content, name)
    assert refused.value.reason == reason
    assert not Upload.objects.exists()
    assert not Job.objects.exists()
    assert list(tmp_path.rglob("upload*")) == []


def test_a_file_that_is_too_large_is_refused_unread(desk, monkeypatch):
    monkeypatch.setattr(guard, "MOST_BYTES", 20)
    with pytest.raises(Unreadable, match="larger than 0 MiB"):
        desk.give("products", TEXT.encode())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"sku,name\nA,\x00\x01\x02", "not_text"),
        ("a.csv", b"sku,name\nA,\x81\x8d\n", "unknown_encoding"),
        ("a.csv", b"A,Tea\nB,Milk\n", "columns_missing"),
        ("a.csv", b"\n\n", "columns_missing"),
        ("a.csv", b"sku,name,SKU\nA,Tea,B\n", "columns_twice"),
        ("a.csv", b"sku,name\n", "no_rows"),
        ("a.csv", b'sku,name\nA,"Tea\n', "not_csv"),
        ("a.xlsx", archive(a_csv=b"sku,name"), "not_what_it_says"),
        ("a.xlsx", xlsx_of(*ROWS)[:-40], "damaged"),
        ("a.xlsx", archive(xl__workbook_xml=b"<x/>"), "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(desk, name, content, reason):
    checked = desk.check("products", content, name=name)
    assert (checked.status, checked.reason) == ("refused", reason)
    assert not checked.rows.exists()


def test_ten_kilobytes_that_unpack_to_gigabytes_are_refused_before_they_do(desk, monkeypatch):
    size = 64 * MEBIBYTE
    bomb = archive(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=b"0" * size)
    assert len(bomb) < 100_000
    monkeypatch.setattr(sheets, "rows", lambda *_: pytest.fail("it was opened"))
    checked = desk.check("products", bomb, name="a.xlsx")
    assert (checked.status, checked.reason) == ("refused", "unpacks_too_large")


def test_more_rows_than_are_taken_are_refused_and_forgotten(desk, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 5000)
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 1000)
    rows = ([f"S-{number}", ""] for number in range(5001))
    checked = desk.check("products", csv_of(HEADER, *rows))
    assert (checked.status, checked.reason) == ("refused", "too_many_rows")
    assert not UploadRow.objects.exists()


def test_headings_are_matched_loosely_and_unknown_ones_are_named(desk):
    header = [" SKU ", "Supplier Item-Number", "colour", "", "weight.grams"]
    checked = desk.check("products", header, ["A", "X", "red", "", "5"])
    assert (checked.columns, checked.ignored) == (
        ["sku", "supplier_item_number", "weight_grams"],
        ["colour"],
    )
    assert checked.rows.get().values == {
        "sku": "A", "supplier_item_number": "X", "weight_grams": 5,
    }  # fmt: skip


def test_missing_headings_are_named_with_what_was_found(desk):
    checked = desk.check("stock", ["Warehouse", "Artikel"], ["MAIN", "A"])
    assert checked.reason_params == {"missing": "sku, quantity", "found": "Warehouse, Artikel"}


def test_what_a_name_or_a_cell_holds_is_stored_and_shown_tamely(desk):
    content = csv_of([*HEADER, "a\x07b"], ["A", "x\x07y\x00"])
    checked = desk.check("products", content.decode().encode("utf-16"), name="a\r\nSet: b/c\td.csv")
    assert (checked.file_name, checked.ignored) == ("c d.csv", ["a\ufffdb"])
    assert desk.wrong(checked) == {2: "name holds characters that cannot be printed."}
    path = reading.path_of(checked)
    assert path.name == "upload.csv"


# ---------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", "12"), ("12.50", "12.5"), ("-0.0", "0"), ("0012", "12"), ("12,5", "12.5"),
        ("0,125", "0.125"), ("1,234.5", "1234.5"), ("1.234,5", "1234.5"), ("1.234", "1.234"),
        (12.5, "12.5"), (0.1 + 0.2, "0.3"), (12.0, "12"), ("1\u00a0234", "1234"), ("+5", "5"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(cell, value):
    assert columns.number(6, low=-(10**9)).read(cell) == value


@pytest.mark.parametrize("cell", ["1,234", "-12,345", "123,456"])
def test_a_comma_that_could_mean_two_things_is_asked_about(cell):
    with pytest.raises(BadCell) as bad:
        columns.number(6, low=-(10**9)).read(cell)
    assert bad.value.code == "ambiguous_number"


@pytest.mark.parametrize(
    "cell", ["1e5", "\uff11\uff12", "1.2.3", "--1", "0x10", "NaN", "inf", "1,2,3", True]
)
def test_what_is_no_number_is_none(cell):
    with pytest.raises(BadCell) as bad:
        columns.number(6).read(cell)
    assert bad.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (columns.day(), "30.02.2026", "not_a_day"),
        (columns.day(), "2026-02-30", "not_a_day"),
        (columns.moment(timedelta(days=1), clock.now), "2026-11-22T10:00+25:00", "not_a_time"),
        (columns.moment(timedelta(days=1), clock.now), "0001-01-01", "time_out_of_range"),
        (columns.moment(timedelta(days=1), clock.now), "9999-12-31", "time_out_of_range"),
        (columns.text(10), "a\u0000b", "control_character"),
        (columns.text(10), "a\ud800b", "control_character"),
        (columns.email(), "a@b\r\nBcc: c@d.example", "not_an_email"),
        (columns.email(), "a b@c.example", "not_an_email"),
    ],
)
def test_a_cell_that_could_do_harm_is_refused(kind, cell, code):
    with pytest.raises(BadCell) as bad:
        kind.read(cell)
    assert bad.value.code == code


def test_an_apostrophe_against_formulas_is_taken_off_again(desk):
    desk.all_in("products", HEADER, ["'-5", "'=1+1"], ["-6", "=1+1"], ["'A", "'quoted'"])
    assert names() == {"-5": "=1+1", "-6": "=1+1", "'A": "'quoted'"}


# ---------------------------------------------------------------------------- bad rows


def test_three_bad_rows_are_named_and_the_rest_is_booked_once(desk):
    rows = [[f"S-{number}", "x"] for number in range(10)]
    rows[3][0], rows[5][0], rows[7][1] = "", "S-4", "y" * 201
    checked = desk.check("products", HEADER, *rows)
    assert counts(checked) == (6, 0, 0, 4)
    assert desk.wrong(checked) == {
        5: "sku is empty.",
        6: "Row 7 is about the same: only one of them can be right.",
        7: "Row 6 is about the same: only one of them can be right.",
        9: "name has more than 200 characters.",
    }
    with pytest.raises(starting.BadRowsLeft):
        desk.decide(checked)
    assert not Product.objects.exists()
    booked = desk.book(checked, skip=True)
    assert (booked.status, booked.figures["booked_new"]) == ("done", 6)
    assert sorted(names()) == ["S-0", "S-1", "S-2", "S-6", "S-8", "S-9"]
    assert booked.rows.count() == 4
    with pytest.raises(starting.NotWaiting):
        desk.decide(booked, skip=True)


def test_the_error_file_holds_ones_own_rows_and_comes_back_put_right(desk):
    checked = desk.check(
        "products",
        ["Name", "Note", "sku", "weight_grams"],
        ["=cmd", "-5", "A", "heavy"],
        ["Fine", "", "B", "5"],
        ["Short", "x", "", ""],
    )
    wrong = desk.error_file(checked)
    assert wrong == [
        ["what_is_wrong", "Name", "Note", "sku", "weight_grams"],
        ["weight_grams: “heavy” is not a number.", "'=cmd", "-5", "A", "heavy"],
        ["sku is empty.", "Short", "x", "", ""],
    ]
    desk.book(checked, skip=True)
    wrong[1][4], wrong[2][3] = "7", "C"
    again = desk.check("products", *wrong)
    assert (again.ignored, counts(again)) == (["Note"], (2, 0, 0, 0))
    desk.book(again)
    assert names() == {"A": "=cmd", "B": "Fine", "C": "Short"}


def test_the_error_file_of_a_spreadsheet_is_one(desk):
    rows = [["=cmd", "", Decimal("12.5")], ["Tea", "A", 1]]
    file = io.BytesIO()
    workbooks.write(file, sheet="x", header=["name", "sku", "weight_grams"], rows=rows)
    checked = desk.check("products", file.getvalue(), name="a.xlsx")
    path = storage.path(checked.check_job_id, "wrong-rows.xlsx")
    sheet = openpyxl.load_workbook(path).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["what_is_wrong", "name", "sku", "weight_grams"],
        ["sku is empty. weight_grams: “12.5” is not a whole number.", "=cmd", None, 12.5],
    ]
    assert sheet["B2"].data_type == "s"


def test_without_bad_rows_there_is_no_error_file(desk):
    checked = desk.check("products", HEADER, ["A", ""])
    assert not storage.path(checked.check_job_id, "wrong-rows.csv").exists()


# ---------------------------------------------------------------------------- decided once


def test_the_same_file_sent_twice_by_a_double_click_is_one_upload(desk):
    command_id = ids.new()
    one = desk.give("products", TEXT.encode(), command_id=command_id)
    assert desk.give("products", TEXT.encode(), command_id=command_id) == one
    assert Job.objects.count() == 1


def test_a_double_click_books_once(desk):
    checked = desk.check("products", *ROWS)
    command_id = ids.new()
    desk.decide(checked, command_id=command_id)
    desk.decide(checked, command_id=command_id)
    with pytest.raises(starting.NotWaiting):
        desk.decide(checked)
    assert Job.objects.count() == 2


def test_nothing_is_booked_of_a_file_that_was_put_away(desk):
    checked = desk.check("products", *ROWS)
    away = starting.discard(upload=checked, at=clock.now())
    assert (away.status, away.rows.exists()) == ("discarded", False)
    assert starting.discard(upload=checked, at=clock.now()).status == "discarded"
    with pytest.raises(starting.NotWaiting):
        desk.decide(checked)


def test_what_somebody_else_added_meanwhile_is_changed_not_added_twice(desk):
    checked = desk.check("products", *ROWS)
    ProductFactory(sku="a", name="Mine")
    booked = desk.book(checked)
    assert (booked.figures["booked_new"], booked.figures["booked_changed"]) == (1, 1)
    assert names() == {"a": "Käse", "B": "“Tea”, black"}


def test_rows_that_turned_bad_keep_everything_out_when_all_was_asked_for(desk, monkeypatch):
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 2)
    header = ["sku", "is_stocked"]
    product = ProductFactory(sku="Z", is_stocked=True)
    checked = desk.check("products", header, ["A", "yes"], ["B", "yes"], ["Z", "no"])
    monkeypatch.setattr("inventory.uploads.products._refuse_unstocking", _refuse_z)
    returned = desk.book(checked)
    assert (returned.status, returned.reason, counts(returned)) == (
        "ready", "changed_meanwhile", (2, 0, 0, 1),
    )  # fmt: skip
    assert names() == {"Z": product.name}
    booked = desk.book(returned, skip=True)
    assert (booked.status, booked.figures["booked_new"]) == ("done", 2)
    assert sorted(names()) == ["A", "B", "Z"]


def _refuse_z(rows):
    for row in rows:
        if row.values["sku"] == "Z":
            row.refuse("has_stock", "is_stocked")


# ---------------------------------------------------------------------------- killed midway


class Killed(BaseException):
    """The process is gone."""


def die_at(monkeypatch, target, name, turn):
    """Let the nth call of a function kill the process."""
    original = getattr(target, name)
    calls = []

    def call(*args, **kwargs):
        calls.append(1)
        if len(calls) == turn:
            raise Killed
        return original(*args, **kwargs)

    monkeypatch.setattr(target, name, call)


def work_on():
    """Another worker takes up what the dead one left."""
    Job.objects.update(due_at=clock.now() - timedelta(days=1))
    jobs.work()


MANY = [[f"S-{number}", "new"] for number in range(10)]


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 3)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("turn", [1, 2, 4])
def test_a_check_that_was_killed_goes_on(desk, monkeypatch, turn):
    with monkeypatch.context() as patched:
        die_at(patched, staging, "judged", turn)
        desk.give("products", csv_of(HEADER, *MANY))
        with pytest.raises(Killed):
            jobs.work()
    work_on()
    upload = Upload.objects.get()
    assert (upload.status, counts(upload)) == ("ready", (10, 0, 0, 0))


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("turn", [1, 2, 4])
def test_a_booking_that_was_killed_books_each_row_once(desk, monkeypatch, turn, skip):
    for number in range(5):
        ProductFactory(sku=f"S-{number}", name="old")
    bad = [["", "bad"]] if skip else []
    checked = desk.check("products", HEADER, *MANY, *bad)
    desk.decide(checked, skip=skip)
    with monkeypatch.context() as patched:
        die_at(patched, many, "announce", turn)
        with pytest.raises(Killed):
            jobs.work()
    left = sum(name == "new" for name in names().values())
    assert left == (3 * (turn - 1) if skip else 0)
    work_on()
    booked = Upload.objects.get()
    assert (booked.status, booked.figures["booked_new"], booked.figures["booked_changed"]) == (
        "done", 5, 5,
    )  # fmt: skip
    assert set(names().values()) == {"new"}
    assert set(Product.objects.values_list("sku", "version")) == {
        (f"S-{number}", 2 if number < 5 else 1) for number in range(10)
    }


@pytest.mark.usefixtures("small_chunks")
def test_a_booking_that_was_cancelled_can_go_on_or_be_left(desk, monkeypatch):
    checked = desk.check("products", HEADER, *MANY, ["", "bad"])
    decided = desk.decide(checked, skip=True)
    original = many.announce

    def announce(**told):
        original(**told)
        jobs.cancel(job_id=decided.book_job_id, at=clock.now())

    with monkeypatch.context() as patched:
        patched.setattr(many, "announce", announce)
        jobs.work()
    upload = Upload.objects.get()
    assert (upload.status, upload.book_job.status, Product.objects.count()) == (
        "booking", "cancelled", 3,
    )  # fmt: skip
    booked = desk.book(upload, skip=True)
    assert (booked.status, booked.figures["booked_new"], Product.objects.count()) == (
        "done",
        10,
        10,
    )


@pytest.mark.usefixtures("small_chunks")
def test_the_rest_of_a_booking_that_broke_off_can_be_left(desk):
    checked = desk.check("products", HEADER, *MANY)
    decided = desk.decide(checked)
    jobs.cancel(job_id=decided.book_job_id, at=clock.now())
    jobs.work()
    left = starting.discard(upload=Upload.objects.get(), at=clock.now())
    assert (left.status, left.figures["left"], left.rows.exists()) == ("done", 10, False)


def test_rights_are_asked_again_when_it_is_booked(desk):
    checked = desk.check("products", *ROWS)
    desk.decide(checked)
    desk.user.groups.clear()
    jobs.work()
    upload = Upload.objects.get()
    assert (upload.book_job.status, upload.book_job.code) == ("failed", "not_allowed")
    assert not Product.objects.exists()


def test_every_right_of_a_layout_is_needed(desk_of):
    desk = desk_of("warehouse")
    desk.check("bins", ["warehouse", "bin"], ["NOPE", "A"])
    for code in ("products", "suppliers", "customers", "orders"):
        with pytest.raises(jobs.NotAllowed):
            desk.give(code, TEXT.encode())
    group = Group.objects.get(name="warehouse")
    group.permissions.set(group.permissions.exclude(codename="add_bin"))
    with pytest.raises(jobs.NotAllowed):
        type(desk)(desk.user).give("bins", TEXT.encode())


# ---------------------------------------------------------------------------- forgotten


def test_a_month_later_rows_are_forgotten_and_the_record_stays(desk):
    waiting = desk.check("products", *ROWS)
    done = desk.book(desk.check("products", HEADER, ["C", ""], ["", "bad"]), skip=True)
    assert retention.forget_old(at=clock.now()) == 0
    assert retention.forget_old(at=clock.now() + timedelta(days=31)) == 2
    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.status, done.status) == ("discarded", "done")
    assert done.figures["booked_new"] == 1
    assert not UploadRow.objects.exists()


# ---------------------------------------------------------------------------- races


@pytest.mark.race
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_people_who_decide_at_once_book_once(desk):
    checked = desk.check("products", *ROWS)
    answers = threads.at_once(*[lambda: desk.decide(checked)] * 2)
    assert sorted(isinstance(answer, starting.NotWaiting) for answer in answers) == [False, True]
    jobs.work()
    assert Upload.objects.get().figures["booked_new"] == 2


@pytest.mark.race
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_new_records_at_once_add_them_once(desk):
    rows = [[f"S-{number}", "x"] for number in range(50)]
    uploads = [desk.check("products", HEADER, *order) for order in (rows, rows[::-1])]
    for upload in uploads:
        desk.decide(upload)
    threads.at_once(jobs.work, jobs.work)
    jobs.work()
    assert {upload.status for upload in Upload.objects.all()} == {"done"}
    assert Product.objects.count() == 50


# ---------------------------------------------------------------------------- exports


def test_a_long_export_is_written_by_a_job(desk, monkeypatch):
    monkeypatch.setattr("config.kernel.uploads.exporting.AT_ONCE", 3)
    for number in range(4):
        ProductFactory(sku=f"S-{number}")
    assert desk.export("products") is None
    job = jobs.start(
        kind=starting.kind(starting.EXPORT, layouts.of("products")),
        user=desk.user,
        params={"form": "csv"},
        command_id=ids.new(),
        at=clock.now(),
    )
    jobs.work()
    lines = storage.path(job.pk, "products.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert Job.objects.get(pk=job.pk).status == "done"


def test_formulas_are_defused_on_the_way_out(desk):
    ProductFactory(sku="=1", name="@SUM", supplier_item_number="-2+3")
    row = desk.table("products")[1]
    assert (row[0], row[1], row[12]) == ("'=1", "'@SUM", "'-2+3")
    assert [exports.restored(cell) for cell in row[:2]] == ["=1", "@SUM"]


def test_a_form_without_a_file_of_the_right_name_is_not_taken(desk):
    file = SimpleUploadedFile("x.csv", TEXT.encode())
    file.name = "../../x.csv"
    upload = starting.receive(
        layout=layouts.of("products"), file=file, user=desk.user, command_id=ids.new(),
        at=clock.now(),
    )  # fmt: skip
    assert upload.file_name == "x.csv"
