"""Runs calls at the same moment on real threads, each with a database connection of its own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections


def at_once(*calls: Callable[[], Any], patience: float = 30) -> list[Any]:
    """Start all calls together; return their results in order, what one raised in its place."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(patience)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(run, call) for call in calls]
    return [_outcome(future) for future in futures]


def _outcome(future: Future[Any]) -> Any:
    return future.exception() or future.result()


def until(
    wanted: Callable[[], bool], during: AbstractContextManager[Any], patience: float = 10
) -> bool:
    """Tell whether something becomes so within a block, asked again and again."""
    ends = time.monotonic() + patience
    with during:
        while not (is_so := wanted()) and time.monotonic() < ends:
            time.sleep(0.02)
    return is_so
