"""Jobs: every row once, whoever dies; rights asked again at each step; told, paused, cancelled."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, commands, errors, ids, jobs
from config.kernel.jobs import heartbeat, kinds, retention, running, storage, telling, turns
from config.kernel.models import Job, JobFile, JobRow, LegalEntity, User
from tests import threads
from tests.factories.kernel import LegalEntityFactory, UserFactory

RIGHT = "kernel.change_legalentity"


class Taken(errors.DomainError):
    code, title = "taken", "This one is taken."


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch, tmp_path):
    """Kinds registered here are forgotten afterwards; files go to a folder of their own."""
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(settings, "PRIVATE_ROOT", tmp_path)
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)


@pytest.fixture
def person(db):  # noqa: ARG001 - the test database
    user = UserFactory()
    app, codename = RIGHT.split(".")
    user.user_permissions.add(
        Permission.objects.get(content_type__app_label=app, codename=codename)
    )
    return User.objects.get(pk=user.pk)


def everything(_user):
    return LegalEntity.objects.all()


def register(handle, subjects=everything, **more):
    jobs.each("mark", label="Mark", permission=RIGHT, subjects=subjects, **more)(handle)


def mark(turn):
    """An effect that shows when it happens twice."""
    entity = LegalEntity.objects.get(pk=turn.subject_id)
    LegalEntity.objects.filter(pk=entity.pk).update(name=entity.name + turn.params["sign"])
    return jobs.DONE


def begin(user, kind="mark", *, rows=True, command_id=None, **params):
    return jobs.start(
        kind=kind,
        user=user,
        params={"sign": "!", **params},
        command_id=command_id or ids.new(),
        rows=LegalEntity.objects.order_by("code") if rows else None,
        label="code" if rows else "",
        at=clock.now(),
    )


def entities(number):
    return [LegalEntityFactory(code=f"E{n}", name="x") for n in range(number)]


def names():
    return list(LegalEntity.objects.order_by("code").values_list("name", flat=True))


def results(job):
    return list(job.rows.order_by("id").values_list("label", "outcome", "code"))


def figures(job):
    job.refresh_from_db()
    return job.status, job.total, job.done, job.failed


@pytest.mark.django_db
class TestStarting:
    def test_the_rows_are_written_down_in_their_order_by_one_statement(self, person):
        register(mark)
        entities(3)
        with CaptureQueriesContext(connection) as captured:
            job = begin(person)
        written = [one["sql"] for one in captured if "kernel_jobrow" in one["sql"]]
        assert len(written) == 1
        assert results(job) == [(f"E{n}", "waiting", "") for n in range(3)]
        assert figures(job) == ("queued", 3, 0, 0)

    def test_what_comes_later_is_not_part_of_it(self, person):
        register(mark)
        entities(1)
        begin(person)
        LegalEntityFactory(code="Z", name="x")
        jobs.work()
        assert names() == ["x!", "x"]

    def test_the_same_command_starts_one_job(self, person):
        register(mark)
        entities(1)
        command_id = ids.new()
        assert begin(person, command_id=command_id).pk == begin(person, command_id=command_id).pk
        assert Job.objects.count() == 1

    def test_without_the_right_nothing_starts(self, person):
        register(mark)
        entities(1)
        person.user_permissions.clear()
        with pytest.raises(jobs.NotAllowed):
            begin(User.objects.get(pk=person.pk))
        assert not Job.objects.exists()

    @pytest.mark.parametrize("rows", ["none", "no_match"])
    def test_nothing_chosen_is_refused(self, person, rows):
        register(mark)
        chosen = LegalEntity.objects.none() if rows == "none" else LegalEntity.objects.all()
        with pytest.raises(jobs.NothingChosen):
            jobs.start(
                kind="mark", user=person, params={}, command_id=ids.new(), rows=chosen,
                at=clock.now(),
            )  # fmt: skip

    def test_more_than_a_job_may_be_about_is_refused(self, person, monkeypatch):
        register(mark)
        entities(3)
        monkeypatch.setattr("config.kernel.jobs.starting.MOST_ROWS", 2)
        with pytest.raises(jobs.TooMany):
            begin(person)

    def test_a_given_file_lies_where_the_work_finds_it(self, person):
        jobs.steps("read", label="Read", permission=RIGHT)(lambda _work: iter(()))
        job = jobs.start(
            kind="read", user=person, params={}, command_id=ids.new(), at=clock.now(),
            files={"input.csv": SimpleUploadedFile("x.csv", b"a,b\n")},
        )  # fmt: skip
        assert storage.path(job.pk, "input.csv").read_bytes() == b"a,b\n"
        file = job.files.get()
        assert (file.name, file.size, file.is_result) == ("input.csv", 4, False)

    def test_a_files_name_leads_nowhere_else(self):
        for name in ("../x", "/etc/passwd", ".hidden", "a/b"):
            with pytest.raises(ValueError, match="not a file name"):
                storage.path(ids.new(), name)


@pytest.mark.django_db
class TestRows:
    def test_each_is_done_once_with_its_result(self, person):
        register(mark)
        entities(3)
        job = begin(person)
        assert jobs.work() == 1
        assert jobs.work() == 0
        assert names() == ["x!", "x!", "x!"]
        assert figures(job) == ("done", 3, 3, 0)
        assert results(job) == [(f"E{n}", "done", "") for n in range(3)]

    def test_a_refusal_is_told_and_the_rest_goes_on(self, person):
        def some(turn):
            if LegalEntity.objects.get(pk=turn.subject_id).code == "E1":
                mark(turn)
                raise Taken(by="Ann")
            return jobs.unchanged("already") if turn.params.get("idle") else mark(turn)

        register(some)
        entities(3)
        job = begin(person)
        jobs.work()
        assert names() == ["x!", "x", "x!"]
        assert figures(job) == ("done", 3, 2, 1)
        row = job.rows.get(outcome="failed")
        assert (row.label, row.code, row.params) == ("E1", "taken", {"by": "Ann"})
        assert telling.sentence(job, row.code, row.params) == "This one is taken."

    def test_nothing_to_do_is_no_failure(self, person):
        register(lambda _turn: jobs.unchanged("already", since="noon"))
        entities(1)
        job = begin(person)
        jobs.work()
        assert figures(job) == ("done", 1, 1, 0)
        assert results(job) == [("E0", "unchanged", "already")]

    def test_an_unexpected_failure_is_one_rows_failure(self, person):
        def broken(turn):
            if LegalEntity.objects.get(pk=turn.subject_id).code == "E0":
                raise ValueError
            return mark(turn)

        register(broken)
        entities(2)
        job = begin(person)
        jobs.work()
        assert results(job) == [("E0", "failed", "unexpected"), ("E1", "done", "")]

    def test_what_others_hold_is_tried_again_after_the_rest(self, person):
        seen = []

        def busy(turn):
            code = LegalEntity.objects.get(pk=turn.subject_id).code
            seen.append(code)
            if seen.count(code) < 3 and code == "E0":
                raise errors.Busy
            return mark(turn)

        register(busy)
        entities(2)
        job = begin(person)
        jobs.work()
        assert seen == ["E0", "E1", "E0", "E0"]
        assert figures(job) == ("done", 2, 2, 0)

    def test_what_others_hold_for_ever_fails_at_last(self, person):
        def busy(_turn):
            raise errors.Busy

        register(busy)
        entities(1)
        job = begin(person)
        jobs.work()
        assert results(job) == [("E0", "failed", "busy")]
        assert job.rows.get().attempt == turns.ATTEMPTS - 1

    def test_a_record_out_of_the_starters_sight_is_not_touched(self, person):
        register(mark, subjects=lambda user: LegalEntity.objects.exclude(code=user.username))
        entities(2)
        User.objects.filter(pk=person.pk).update(username="E1")
        job = begin(person)
        jobs.work()
        assert names() == ["x!", "x"]
        assert results(job) == [("E0", "done", ""), ("E1", "failed", "not_found")]

    def test_a_right_lost_meanwhile_stops_it(self, person):
        def last(turn):
            person.user_permissions.clear()
            return mark(turn)

        register(last)
        entities(2)
        job = begin(person)
        jobs.work()
        assert names() == ["x!", "x"]
        assert (*figures(job), job.code) == ("failed", 2, 1, 0, "not_allowed")

    def test_a_starter_who_was_deactivated_stops_it(self, person):
        register(mark)
        entities(2)
        job = begin(person)
        User.objects.filter(pk=person.pk).update(is_active=False)
        jobs.work()
        assert names() == ["x", "x"]
        assert (*figures(job), job.code) == ("failed", 2, 0, 0, "starter_deactivated")
        assert "deactivated" in telling.result(job)


@pytest.mark.django_db
class TestBatches:
    def test_several_are_done_together_and_a_refusal_is_found_by_trying_one_by_one(self, person):
        sizes = []

        @jobs.batches("mark", label="Mark", permission=RIGHT, subjects=everything, size=4)
        def many(batch):
            sizes.append(len(batch.subject_ids))
            chosen = LegalEntity.objects.filter(pk__in=batch.subject_ids)
            if chosen.filter(code="E5").exists():
                raise Taken
            chosen.update(name="done")
            return dict.fromkeys(batch.subject_ids, jobs.DONE)

        entities(6)
        job = begin(person)
        jobs.work()
        assert sizes == [4, 2, 1, 1]
        assert names() == ["done"] * 5 + ["x"]
        assert figures(job) == ("done", 6, 5, 1)


@pytest.mark.django_db
class TestCancelling:
    def test_one_that_waits_is_over_at_once(self, person):
        register(mark)
        entities(1)
        job = begin(person)
        jobs.cancel(job_id=job.pk, at=clock.now())
        assert jobs.work() == 0
        assert figures(job) == ("cancelled", 1, 0, 0)

    def test_one_that_runs_stops_after_the_rows_it_is_at(self, person):
        def asked(turn):
            jobs.cancel(job_id=job.pk, at=clock.now())
            return mark(turn)

        register(asked)
        entities(3)
        job = begin(person)
        jobs.work()
        assert figures(job) == ("cancelled", 3, 1, 0)
        assert [outcome for _, outcome, _ in results(job)] == ["done", "waiting", "waiting"]

    def test_one_that_has_ended_stays_as_it_is(self, person):
        register(mark)
        entities(1)
        job = begin(person)
        jobs.work()
        jobs.cancel(job_id=job.pk, at=clock.now())
        assert figures(job) == ("done", 1, 1, 0)


def count_to(most, seen):
    """Work that counts, one number a step, and goes on where it was."""

    def run(work):
        for number in range(work.position.get("number", 0), most):
            seen.append(number)
            work.advance(position={"number": number + 1}, done=1, total=most)
            yield
        work.tell("counted", up_to=most)

    return run


@pytest.mark.django_db
class TestSteps:
    def test_it_tells_how_far_it_is_and_with_what_it_ended(self, person):
        seen = []
        jobs.steps(
            "count", label="Count", permission=RIGHT,
            tell=lambda code, params: f"{code} up to {params['up_to']}",
        )(count_to(3, seen))  # fmt: skip
        job = begin(person, "count", rows=False)
        jobs.work()
        assert figures(job) == ("done", 3, 3, 0)
        assert telling.result(job) == "counted up to 3"

    def test_a_slice_ends_where_the_position_is_and_others_get_their_turn(
        self, person, monkeypatch
    ):
        seen = []
        jobs.steps("count", label="Count", permission=RIGHT)(count_to(2, seen))
        monkeypatch.setattr(running, "SLICE", -1.0)
        first, second = (begin(person, "count", rows=False) for _ in range(2))
        assert jobs.work() == 6
        assert seen == [0, 0, 1, 1]
        assert figures(first) == figures(second) == ("done", 2, 2, 0)

    def test_work_without_a_position_runs_through(self, person, monkeypatch):
        monkeypatch.setattr(running, "SLICE", -1.0)

        @jobs.steps("whole", label="Whole", permission=RIGHT)
        def whole(work):
            for _ in range(3):
                work.advance(done=1, total=3)
                yield

        job = begin(person, "whole", rows=False)
        assert jobs.work() == 1
        assert figures(job) == ("done", 3, 3, 0)

    def test_a_file_is_offered_when_it_is_whole(self, person):
        @jobs.steps("write", label="Write", permission=RIGHT)
        def write(work):
            with work.write("list.csv") as file:
                file.write(b"a\n")
                assert not work.path("list.csv").exists()
                yield
            with work.write("broken.csv") as file:
                raise Taken

        job = begin(person, "write", rows=False)
        jobs.work()
        assert (*figures(job), job.code) == ("failed", None, 0, 0, "taken")
        assert list(job.files.values_list("name", "size")) == [("list.csv", 2)]
        assert storage.path(job.pk, "list.csv").read_bytes() == b"a\n"
        assert not storage.path(job.pk, "broken.csv").exists()

    @pytest.mark.parametrize("error", [OperationalError, errors.Busy])
    def test_a_database_that_was_away_costs_a_moment_only(self, person, error):
        causes = [error()]

        @jobs.steps("moody", label="Moody", permission=RIGHT)
        def moody(work):
            if causes:
                raise causes.pop()
            work.advance(done=1)
            yield

        job = begin(person, "moody", rows=False)
        jobs.work()
        assert (*figures(job), job.stumbles) == ("running", None, 0, 0, 1)
        make_due()
        jobs.work()
        assert figures(job) == ("done", None, 1, 0)

    def test_a_bug_ends_it(self, person):
        @jobs.steps("broken", label="Broken", permission=RIGHT)
        def broken(_work):
            raise ValueError
            yield

        job = begin(person, "broken", rows=False)
        jobs.work()
        assert (*figures(job), job.code) == ("failed", None, 0, 0, "unexpected")

    def test_a_kind_that_an_upgrade_removed_is_told(self, person, monkeypatch):
        jobs.steps("gone", label="Gone", permission=RIGHT)(count_to(1, []))
        job = begin(person, "gone", rows=False)
        monkeypatch.setattr(kinds, "_kinds", {})
        jobs.work()
        assert (*figures(job), job.code) == ("failed", None, 0, 0, "unknown_kind")
        assert telling.label(job) == "gone"


def make_due():
    """Let every lease run out."""
    Job.objects.update(due_at=clock.now() - timedelta(days=1))


@pytest.mark.django_db(transaction=True)
class TestDying:
    def test_a_dead_workers_job_goes_on_when_its_lease_is_over(self, person):
        register(mark)
        entities(3)
        job = begin(person)
        dead = running._claim()
        next(turns.turns(dead, kinds.find("mark")))

        assert jobs.work() == 0
        make_due()
        assert jobs.work() == 1
        assert names() == ["x!", "x!", "x!"]
        assert figures(job) == ("done", 3, 3, 0)

    def test_one_that_only_slept_commits_nothing_any_more(self, person):
        register(mark)
        entities(2)
        job = begin(person)
        asleep = running._claim()
        slept = turns.turns(asleep, kinds.find("mark"))
        next(slept)
        make_due()
        awake = running._claim()
        with pytest.raises(jobs.Lost):
            next(slept)
        assert names() == ["x!", "x"]
        running._run(awake, 10)
        assert names() == ["x!", "x!"]
        assert figures(job) == ("done", 2, 2, 0)

    def test_work_without_rows_commits_no_effect_either(self, person):
        @commands.command
        def effect(*, work):
            LegalEntityFactory(name=f"N{work.position.get('number', 0)}")
            work.advance(position={"number": work.position.get("number", 0) + 1}, done=1)

        @jobs.steps("make", label="Make", permission=RIGHT)
        def make(work):
            while work.position.get("number", 0) < 2:
                effect(work=work)
                yield

        job = begin(person, "make", rows=False)
        asleep = running._claim()
        slept = running._steps(asleep, kinds.find("make"))
        next(slept)
        make_due()
        jobs.work()
        with pytest.raises(jobs.Lost):
            next(slept)
        assert sorted(LegalEntity.objects.values_list("name", flat=True)) == ["N0", "N1"]
        assert figures(job) == ("done", None, 2, 0)

    def test_the_heartbeat_keeps_the_lease(self, person, monkeypatch):
        monkeypatch.setattr(heartbeat, "BEAT", 0.02)
        register(lambda _turn: jobs.DONE)
        entities(1)
        begin(person)
        job = running._claim()
        make_due()
        renewed = threads.until(
            lambda: Job.objects.get(pk=job.pk).due_at > clock.now(), heartbeat.beating(job)
        )
        assert renewed

    @pytest.mark.race
    def test_several_workers_do_each_row_once(self, person, monkeypatch):
        monkeypatch.setattr(settings, "JOBS_AT_ONCE", 4)
        monkeypatch.setattr(running, "SLICE", -1.0)
        register(mark)
        entities(12)
        begin(person)
        threads.at_once(*[jobs.work] * 4)
        jobs.work()
        assert names() == ["x!"] * 12

    def test_only_so_many_work_at_once(self, person, monkeypatch):
        monkeypatch.setattr(settings, "JOBS_AT_ONCE", 0)
        register(mark)
        entities(1)
        begin(person)
        assert jobs.work() == 0


@pytest.mark.django_db
def test_leases_follow_the_databases_clock(person, monkeypatch):
    register(mark)
    entities(1)
    begin(person)
    running._claim()
    monkeypatch.setattr(clock, "now", lambda: clock_ahead)
    clock_ahead = Job.objects.get().created_at + timedelta(hours=2)
    assert jobs.work() == 0


@pytest.mark.django_db
def test_after_a_month_files_and_rows_are_forgotten(person):
    register(mark)
    entities(1)
    old, fresh = begin(person), begin(person)
    jobs.work()
    for job in (old, fresh):
        storage.make_folder(storage.path(job.pk, "a.csv"))
        storage.path(job.pk, "a.csv").write_bytes(b"x")
        JobFile.objects.create(job=job, name="a.csv", size=1)
    Job.objects.filter(pk=old.pk).update(finished_at=clock.now() - timedelta(days=31))

    assert retention.forget_old(at=clock.now()) == 1
    assert retention.forget_old(at=clock.now()) == 0
    assert set(JobRow.objects.values_list("job", flat=True)) == {fresh.pk}
    assert [path.parent.name for path in Path(settings.PRIVATE_ROOT).rglob("*.csv")] == [
        str(fresh.pk)
    ]
    assert Job.objects.count() == 2
