"""The clock's work for orders: each sweep catches what an event should have done already."""

from celery import shared_task

from config.kernel import clock
from config.kernel.actors import Actor
from orders.services import backorders, failures, future_orders, rechecks, recognition

SYSTEM = Actor.system("Kapell")


@shared_task(ignore_result=True)
def fill_backorders() -> None:
    """Fill whatever waits although stock is there."""
    backorders.sweep(actor=SYSTEM, at=clock.now())


@shared_task(ignore_result=True)
def allocate_for_later() -> None:
    """Allocate the orders for later whose day has come."""
    future_orders.sweep(actor=SYSTEM, at=clock.now())


@shared_task(ignore_result=True)
def recheck_holds() -> None:
    """Lift every hold whose cause is gone."""
    rechecks.sweep(actor=SYSTEM, at=clock.now())


@shared_task(ignore_result=True)
def recognise_products() -> None:
    """Let orders go on whose SKUs are known by now; also called when one became known."""
    recognition.recognise(actor=SYSTEM, at=clock.now())


@shared_task(ignore_result=True)
def close_failures() -> None:
    """Close failures of orders that were placed at the same moment."""
    failures.sweep(at=clock.now())


@shared_task(ignore_result=True)
def forget_failures() -> None:
    """Drop failed orders past their retention."""
    failures.forget_old(at=clock.now())
