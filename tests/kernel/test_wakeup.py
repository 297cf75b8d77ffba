"""Wake-ups come together, never faster than five a second, and a dead broker costs nothing."""

import time

import pytest

from config.kernel import wakeup


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(wakeup, "_timer", None)
    monkeypatch.setattr(wakeup, "_not_before", 0.0)
    yield
    while wakeup._timer is not None:
        wakeup._timer.join(1)


@pytest.fixture
def sent(monkeypatch):
    moments = []
    monkeypatch.setattr(
        wakeup.current_app, "send_task", lambda *_, **__: moments.append(time.monotonic())
    )
    return moments


def wait_for(condition, seconds=2.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    assert condition()


def test_a_wake_up_arrives_soon(sent):
    started = time.monotonic()
    wakeup.dispatch()
    wait_for(lambda: sent)
    assert sent[0] - started < 0.15


def test_many_at_once_are_one_and_the_next_keeps_its_distance(sent):
    for _ in range(100):
        wakeup.dispatch()
    wait_for(lambda: len(sent) == 1)
    for _ in range(100):
        wakeup.dispatch()
    wait_for(lambda: len(sent) == 2)

    assert sent[1] - sent[0] >= wakeup.INTERVAL


def test_a_dead_broker_is_left_alone_for_a_while(monkeypatch, caplog):
    tries = []

    def refuse(*_args, **_options):
        tries.append(1)
        raise ConnectionError("no broker")

    monkeypatch.setattr(wakeup.current_app, "send_task", refuse)
    monkeypatch.setattr(wakeup, "PAUSE_AFTER_FAILURE", 0.4)
    wakeup.dispatch()
    wait_for(lambda: tries and wakeup._not_before > time.monotonic() + 0.25)
    started = time.monotonic()
    wakeup.dispatch()
    wait_for(lambda: len(tries) == 2)

    assert time.monotonic() - started > 0.3
    assert "the sweeper will deliver" in caplog.text


def test_asking_never_waits(monkeypatch):
    monkeypatch.setattr(wakeup.current_app, "send_task", lambda *_, **__: time.sleep(0.2))
    started = time.monotonic()
    for _ in range(50):
        wakeup.dispatch()
    assert time.monotonic() - started < 0.1
