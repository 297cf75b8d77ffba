"""The pages of jobs: whose they show, what they tell, what they let download."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from config.kernel import clock, errors, ids, jobs
from config.kernel.jobs import kinds
from config.kernel.models import Job, LegalEntity
from tests.console import pages
from tests.factories.kernel import LegalEntityFactory

JOBS = "/admin/kernel/job/"
RIGHT = "change_legalentity"


class Taken(errors.DomainError):
    code, title = "taken", "This one is taken."


@pytest.fixture(autouse=True)
def kind(monkeypatch, tmp_path):
    """A kind of work of which every other row fails, and one that writes a file."""
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path)
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)
    shown = {
        "label": "Mark companies",
        "permission": f"kernel.{RIGHT}",
        "describe": lambda params: f"Sign: {params['sign']}",
    }

    @jobs.each(
        "mark", subjects=lambda _user: LegalEntity.objects.all(),
        page="admin:kernel_legalentity_change", **shown,
    )  # fmt: skip
    def mark(turn):
        code = LegalEntity.objects.get(pk=turn.subject_id).code
        if int(code[1:]) % 2:
            raise Taken
        return jobs.DONE

    @jobs.steps("write", **shown)
    def write(work):
        with work.write("list.csv") as file:
            file.write(b"a,b\n")
            yield


@pytest.fixture
def sign_in(as_role):
    def sign_in(role="sales", **details):
        client = as_role(role, **details)
        client.user.user_permissions.add(Permission.objects.get(codename=RIGHT))
        return client

    return sign_in


def begin(client, kind="mark", number=4):
    for one in range(number if kind == "mark" else 0):
        LegalEntityFactory(code=f"E{one}")
    rows = LegalEntity.objects.filter(code__startswith="E").order_by("code")
    return jobs.start(
        kind=kind, user=client.user, params={"sign": "<b>!"}, command_id=ids.new(),
        rows=rows if kind == "mark" else None, label="code", at=clock.now(),
    )  # fmt: skip


def test_a_job_tells_how_far_it_is_and_keeps_itself_up_to_date_until_it_ends(sign_in):
    client = sign_in()
    job = begin(client)
    waiting = client.get(jobs.address(job))
    assert "Waiting It begins in a moment. 0 of 4 Sign: <b>!" in pages.text(waiting)
    assert 'data-live="1500"' in waiting.content.decode()
    jobs.work()
    ended = client.get(jobs.address(job))
    assert "Done 2 done, 2 failed. 4 of 4" in pages.text(ended)
    assert "data-live" not in ended.content.decode()


def test_failed_rows_come_first_each_with_its_reason_and_a_link(sign_in):
    client = sign_in()
    job = begin(client)
    jobs.work()
    shown = client.get(jobs.address(job))
    assert "E1 Failed This one is taken. E3 Failed This one is taken." in pages.text(shown)
    assert re.findall(r"legalentity/([0-9a-f-]+)/change/", shown.content.decode()) == [
        str(row.subject_id) for row in job.rows.filter(outcome="failed").order_by("pk")
    ]
    every = pages.text(client.get(jobs.address(job), {"only": "all"}))
    assert "E0 Done E1 Failed This one is taken. E2 Done" in every


def test_the_failed_rows_as_a_table(sign_in):
    client = sign_in()
    job = begin(client)
    jobs.work()
    answer = client.get(f"{JOBS}{job.pk}/report.csv", {"only": "failed"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.csv"'
    assert b"".join(answer).decode() == (
        "\ufeffRecord,Result,Reason,Code\r\n"
        "E1,Failed,This one is taken.,taken\r\nE3,Failed,This one is taken.,taken\r\n"
    )


def test_a_file_is_offered_and_never_shown_as_a_page(sign_in):
    client = sign_in()
    job = begin(client, "write")
    jobs.work()
    assert "list.csv 4" in pages.text(client.get(jobs.address(job)))
    answer = client.get(f"{JOBS}{job.pk}/files/list.csv")
    assert b"".join(answer) == b"a,b\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(f"{JOBS}{job.pk}/files/other.csv").status_code == 404
    assert client.get(f"{JOBS}{job.pk}/files/..").status_code == 404


def test_somebody_elses_job_is_as_if_it_were_not_there(sign_in):
    job = begin(sign_in(), "write")
    jobs.work()
    other = sign_in()
    assert "No jobs yet" in pages.text(other.get(JOBS))
    for address in ("change/", "report.csv", "files/list.csv"):
        assert other.get(f"{JOBS}{job.pk}/{address}").status_code == 404
    assert other.post(f"{JOBS}{job.pk}/cancel/").status_code == 404


def test_who_oversees_jobs_sees_how_far_they_are_and_stops_them_but_not_what_they_hold(sign_in):
    job = begin(sign_in())
    manager = sign_in("manager")
    assert "Mark companies" in pages.text(manager.get(JOBS))
    assert "Mark companies" not in pages.text(manager.get(JOBS, {"whose": "mine"}))
    shown = pages.text(manager.get(jobs.address(job)))
    assert "What it was about is shown to whoever started it." in shown
    assert "E1" not in shown
    assert manager.get(f"{JOBS}{job.pk}/report.csv").status_code == 404
    assert manager.post(f"{JOBS}{job.pk}/cancel/").status_code == 302
    assert Job.objects.get().status == "cancelled"


def test_stopping_takes_a_post(sign_in):
    client = sign_in()
    job = begin(client)
    assert client.get(f"{JOBS}{job.pk}/cancel/").status_code == 405
    assert client.post(f"{JOBS}{job.pk}/cancel/", follow=True).status_code == 200
    assert "Cancelled 0 done." in pages.text(client.get(jobs.address(job)))


def test_a_long_report_has_pages(sign_in):
    client = sign_in()
    job = begin(client, number=53)
    first = client.get(jobs.address(job), {"only": "all"}).content.decode()
    assert first.count('scope="row"') == 50
    assert "only=all&amp;p=2" in first
    assert (
        client.get(jobs.address(job), {"only": "all", "p": "2"})
        .content.decode()
        .count('scope="row"')
        == 3
    )


def test_an_unknown_job_is_not_found(sign_in):
    client = sign_in()
    assert client.get(f"{JOBS}{ids.new()}/change/").status_code == 404
    assert client.get(f"{JOBS}nonsense/change/").status_code == 404
