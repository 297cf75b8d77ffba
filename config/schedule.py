"""What the clock starts: sweeps that guarantee what wake-ups only hasten, and nightly work."""

from typing import Any

from celery.schedules import crontab


def _every(seconds: int, task: str) -> dict[str, Any]:
    """A run nobody took up before the next one is due is dropped, so no backlog piles up."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


def _nightly(hour: int, minute: int, task: str) -> dict[str, Any]:
    """In UTC, apart from each other, given up after an hour."""
    return {
        "task": task,
        "schedule": crontab(hour=str(hour), minute=str(minute)),
        "options": {"expires": 3600},
    }


def _mornings(task: str) -> dict[str, Any]:
    """Before work begins, in UTC; what one run could not send the next one tries."""
    return {
        "task": task,
        "schedule": crontab(hour="5-7", minute="*/15"),
        "options": {"expires": 600},
    }


SCHEDULE = {
    entry["task"]: entry
    for entry in (
        _every(5, "config.kernel.tasks.dispatch"),
        _every(5, "config.kernel.tasks.run_jobs"),
        _every(20, "config.operations.tasks.beat_queue"),
        _every(5, "config.kernel.tasks.send_webhooks"),
        _every(60, "config.kernel.tasks.tell_switched_off_webhooks"),
        _every(60, "orders.tasks.fill_backorders"),
        _every(60, "orders.tasks.allocate_for_later"),
        _every(60, "orders.tasks.recheck_holds"),
        _every(60, "orders.tasks.recognise_products"),
        _every(60, "orders.tasks.close_failures"),
        _every(60, "inventory.tasks.sweep_low_stock"),
        _every(60, "config.people.tasks.send_notices"),
        _mornings("inventory.tasks.send_low_stock_digests"),
        _every(600, "config.operations.tasks.back_up_when_due"),
        _nightly(1, 10, "config.kernel.tasks.forget_old_answers"),
        _nightly(1, 20, "config.operations.tasks.forget_silent_programs"),
        _nightly(1, 30, "config.kernel.tasks.forget_old_jobs"),
        _nightly(1, 40, "config.kernel.tasks.forget_old_uploads"),
        _nightly(1, 50, "config.kernel.tasks.forget_old_deliveries"),
        _nightly(1, 50, "orders.tasks.forget_failures"),
        _nightly(1, 50, "config.people.tasks.forget_old"),
        _nightly(2, 10, "inventory.tasks.check_stock"),
    )
}
