"""A desk at which files are handed in, looked through and booked, with the jobs run at once."""

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from config.kernel import clock, ids, jobs
from config.kernel.actors import Actor
from config.kernel.jobs import storage
from config.kernel.models import Upload, UploadRow, User
from config.kernel.uploads import error_files, exporting, layouts, reasons, staging, starting
from config.kernel.uploads.layouts import Behalf


def csv_of(*rows):
    """Rows as a CSV file."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def xlsx_of(*rows):
    """Rows as a spreadsheet."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


class Desk:
    """Somebody who uploads and exports."""

    def __init__(self, user):
        self.user = User.objects.get(pk=user.pk)

    def give(self, code, content, name="file.csv", command_id=None):
        """Hand a file in; nothing runs yet."""
        return starting.receive(
            layout=layouts.of(code),
            file=SimpleUploadedFile(name, content),
            user=self.user,
            command_id=command_id or ids.new(),
            at=clock.now(),
        )

    def check(self, code, *rows, name="file.csv"):
        """Hand a file in, have it checked, and return what it came to."""
        content = rows[0] if isinstance(rows[0], bytes) else csv_of(*rows)
        upload = self.give(code, content, name)
        jobs.work()
        return Upload.objects.get(pk=upload.pk)

    def decide(self, upload, *, skip=False, command_id=None):
        """Say that it is to be booked; nothing runs yet."""
        return starting.book(
            upload=upload,
            layout=layouts.of(upload.layout),
            user=self.user,
            skip_bad_rows=skip,
            command_id=command_id or ids.new(),
            at=clock.now(),
        )

    def book(self, upload, *, skip=False):
        """Book it and return what it came to."""
        self.decide(upload, skip=skip)
        jobs.work()
        return Upload.objects.get(pk=upload.pk)

    def all_in(self, code, *rows, skip=False):
        """Check and book in one go."""
        return self.book(self.check(code, *rows), skip=skip)

    def export(self, code, form="csv"):
        """Have an export, as it is downloaded."""
        behalf = Behalf(user=self.user, actor=Actor.staff(self.user), at=clock.now())
        return exporting.at_once(layout=layouts.of(code), behalf=behalf, form=form)

    def table(self, code):
        """Have an export as rows of cells."""
        return list(csv.reader(io.StringIO(self.export(code).decode("utf-8-sig"), newline="")))

    def wrong(self, upload):
        """What is wrong, by row number."""
        layout = layouts.of(upload.layout)
        rows = UploadRow.objects.filter(upload=upload, outcome="bad").order_by("row_number")
        return {
            row.row_number: reasons.sentences(layout, staging.faults_of(row.faults)) for row in rows
        }

    def codes(self, upload):
        """The codes of what is wrong, by row number."""
        rows = UploadRow.objects.filter(upload=upload, outcome="bad").order_by("row_number")
        return {row.row_number: [fault["code"] for fault in row.faults] for row in rows}

    def error_file(self, upload):
        """The rows of the error file of the last job."""
        job_id = upload.book_job_id or upload.check_job_id
        text = storage.path(job_id, error_files.name_for(upload)).read_text("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline="")))


def counts(upload):
    """How many rows came to what: new, changed, unchanged, bad."""
    return tuple(upload.figures[name] for name in ("new", "changed", "unchanged", "bad"))
