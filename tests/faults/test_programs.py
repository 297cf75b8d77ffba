"""Faults 10 and 14: beat is off; a process's clock is two hours off."""

import shutil

import pytest

from tests.faults.house import kill, saw

LEASED = (
    "INSERT INTO kernel_delivery"
    " (id, event_id, handler, state, attempt, next_at, token, last_error)"
    " SELECT gen_random_uuid(), id, 'somebody.elses', 'leased', 1,"
    " clock_timestamp() + interval '60 s', gen_random_uuid(), '' FROM kernel_event LIMIT 1"
    " RETURNING id"
)
DELIVER = "from config.kernel import dispatch; print('claimed', len(dispatch._claim()))"


@pytest.mark.usefixtures("nobody")
def test_a_silent_beat_is_named(house, web):
    with house.crew() as (_worker, beat):
        kill(beat.pid)
        beat.wait(10)
        house.ask(
            "UPDATE operations_pulse SET at = clock_timestamp() - interval '3 min'"
            " WHERE kind = 'beat' RETURNING 1"
        )
        found, status = house.doctor()
        ready = web.get("/readyz")
    assert (found["beat"]["state"], status) == ("failed", 1)
    assert "has been silent for 3 min" in found["beat"]["said"]
    assert (ready.status_code, ready.json()["checks"]["beat"]) == (503, False)

    saw(f"the doctor said: {found['beat']['said']}")


@pytest.mark.usefixtures("nobody")
def test_two_beats_do_nothing_twice(house, web):
    with house.crew(beats=2):
        orders = [web.place() for _ in range(5)]
        assert house.drained()

    assert {order.status_code for order in orders} == {201}
    assert house.ask("SELECT count(*) FROM kernel_delivery WHERE attempt > 1") == 0
    assert house.ask("SELECT count(*) FROM kernel_event WHERE NOT fanned_out") == 0
    saw("five orders, two beats, no event handled twice")


@pytest.mark.skipif(shutil.which("faketime") is None, reason="no faketime on this machine")
@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("shift", ["+2h", "-2h"])
def test_a_clock_two_hours_off_ends_no_lease_and_is_named(house, web, shift):
    assert web.place().status_code == 201
    wrapper = ["faketime", "-f", shift]
    odd = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    lease = house.ask(LEASED)
    house.ask("UPDATE kernel_event SET fanned_out = true RETURNING 1")
    house.ask("UPDATE kernel_delivery SET state = 'done' WHERE id <> %s RETURNING 1", lease)

    claimed = house.manage("shell", "-v", "0", "-c", DELIVER, wrapper=wrapper, **odd).stdout
    found, status = house.doctor(wrapper=wrapper, **odd)

    left = house.ask("SELECT state FROM kernel_delivery WHERE id = %s", lease)
    house.ask("DELETE FROM kernel_delivery WHERE id = %s RETURNING 1", lease)
    assert claimed.split() == ["claimed", "0"]
    assert left == "leased"
    assert (found["clock"]["state"], status) == ("failed", 1)
    assert "this machine is" in found["clock"]["said"]
    assert found["outbox"]["state"] == "ok"
    saw(f"{shift}: {found['clock']['said']}")
