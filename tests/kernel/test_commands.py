"""Commands: one transaction around the outermost, and again when a race was lost."""

import functools
import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError

from config.kernel import commands, errors, sql
from config.kernel.models import LegalEntity
from tests import threads
from tests.factories.kernel import LegalEntityFactory


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(commands.time, "sleep", lambda _seconds: None)


@commands.command
def make(code):
    LegalEntity(code=code, name=code).save(force_insert=True)


def fail(sqlstate):
    sql.run(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$")


class TestOneTransaction:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_what_a_command_raises_rolls_everything_back(self):
        @commands.command
        def outer():
            make("A")
            raise errors.NotFound

        with pytest.raises(errors.NotFound):
            outer()
        assert not LegalEntity.objects.exists()

    def test_an_inner_command_joins_without_a_savepoint(self):
        @commands.command
        def outer():
            make("A")
            make("B")
            assert connection.savepoint_ids == []

        outer()
        assert LegalEntity.objects.count() == 2
        assert not connection.in_atomic_block

    def test_what_an_inner_command_did_goes_with_the_outer_one(self):
        @commands.command
        def outer():
            try:
                inner()
            except errors.NotFound:
                make("B")

        @commands.command
        def inner():
            make("A")
            raise errors.NotFound

        outer()
        assert set(LegalEntity.objects.values_list("code", flat=True)) == {"A", "B"}

    def test_it_runs_at_read_committed(self):
        @commands.command
        def level():
            return sql.fetch_one("SHOW transaction_isolation")

        assert level() == ("read committed",)

    def test_code_can_tell_whether_a_command_is_under_way(self):
        assert not commands.inside()
        assert commands.command(commands.inside)()
        assert not commands.inside()

    def test_another_thread_is_not_inside(self):
        @commands.command
        def outer():
            return threads.at_once(commands.inside)

        assert outer() == [False]

    def test_name_and_promise_are_the_functions_own(self):
        @commands.command
        def cancel():
            """Cancel it."""

        assert (cancel.__name__, cancel.__doc__) == ("cancel", "Cancel it.")


class TestAgain:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.parametrize("sqlstate", ["40P01", "40001", "55P03"])
    def test_a_lost_race_in_the_database_runs_again_on_a_clean_slate(self, sqlstate):
        runs = []

        @commands.command
        def work():
            runs.append(LegalEntity.objects.count())
            make(f"TRY{len(runs)}")
            if len(runs) <= commands.DATABASE_RETRIES:
                fail(sqlstate)

        work()
        assert runs == [0, 0, 0, 0]
        assert LegalEntity.objects.get().code == "TRY4"

    def test_out_of_patience_nothing_is_run_again(self, monkeypatch):
        runs = []
        monkeypatch.setattr(commands, "PATIENCE", -1)

        @commands.command
        def work():
            runs.append(1)
            fail("55P03")

        with pytest.raises(errors.Busy):
            work()
        assert runs == [1]

    def test_who_always_loses_is_told_that_it_is_busy(self):
        runs = []

        @commands.command
        def work():
            runs.append(1)
            fail("40P01")

        with pytest.raises(errors.Busy) as busy:
            work()
        assert len(runs) == 1 + commands.DATABASE_RETRIES
        assert busy.value.status == 503

    def test_a_plan_on_old_figures_runs_again_on_fresh_ones(self):
        runs = []

        @commands.command
        def work():
            runs.append(1)
            make("A")
            if len(runs) <= commands.RERUNS:
                raise commands.Rerun
            return "done"

        assert work() == "done"
        assert len(runs) == 1 + commands.RERUNS
        assert LegalEntity.objects.count() == 1

    def test_a_plan_that_never_fits_gives_up(self):
        @commands.command
        def work():
            make("A")
            raise commands.Rerun

        with pytest.raises(errors.Busy):
            work()
        assert not LegalEntity.objects.exists()

    def test_a_rerun_asked_for_inside_runs_the_outermost_command(self):
        runs = []

        @commands.command
        def outer():
            runs.append("outer")
            inner()

        @commands.command
        def inner():
            if len(runs) == 1:
                raise commands.Rerun

        outer()
        assert runs == ["outer", "outer"]

    def test_other_errors_of_the_database_are_not_tried_again(self):
        runs = []

        @commands.command
        def work():
            runs.append(1)
            make("A")
            make("A")

        with pytest.raises(IntegrityError) as refused:
            work()
        assert runs == [1]
        assert commands.sqlstate(refused.value) == "23505"
        assert commands.constraint(refused.value) == "kernel_legalentity_code_key"

    def test_after_giving_up_the_next_command_works(self):
        with pytest.raises(DatabaseError):
            commands.command(functools.partial(fail, "22012"))()
        make("A")
        assert LegalEntity.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_real_deadlock_is_retried_unseen():
    ada, bob = LegalEntityFactory.create_batch(2)
    both_hold_one = threading.Barrier(2)
    runs = []

    @commands.command
    def rename(first, second):
        runs.append(1)
        LegalEntity.objects.filter(pk=first.pk).update(name="renamed")
        if len(runs) <= 2:
            both_hold_one.wait(10)
        LegalEntity.objects.filter(pk=second.pk).update(name="renamed")
        return "done"

    outcomes = threads.at_once(
        functools.partial(rename, ada, bob), functools.partial(rename, bob, ada)
    )

    assert outcomes == ["done", "done"]
    assert len(runs) >= 3  # one lost; on a busy machine they may meet again


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_for_a_lock_is_told_that_it_is_busy():
    entity = LegalEntityFactory.create()

    @commands.command
    def rename():
        sql.run("SET LOCAL lock_timeout = '20ms'")
        LegalEntity.objects.filter(pk=entity.pk).update(name="renamed")

    with transaction.atomic():
        LegalEntity.objects.select_for_update().get(pk=entity.pk)
        (outcome,) = threads.at_once(rename)

    assert isinstance(outcome, errors.Busy)
    entity.refresh_from_db()
    assert entity.name != "renamed"
