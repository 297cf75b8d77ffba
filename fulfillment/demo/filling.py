"""Fills an empty system with the demo company: all of it, or nothing."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from config.kernel import commands, errors, installation, keys
from config.kernel.models import Channel
from fulfillment.demo import (
    catalogue,
    company,
    customers,
    history,
    mishaps,
    oddities,
    people,
    places,
    routine,
    stock,
)
from fulfillment.demo.sales import Till
from fulfillment.demo.stock import Shelves
from fulfillment.demo.story import DAYS, SYSTEM, Story
from orders.services import backorders

SEED = 100042
BEFORE = 45  # days the shelves were full before the month begins

Progress = Callable[[str, float], None]


class NotEmpty(errors.DomainError):
    """The demo company is for empty systems."""

    code = "not_empty"
    title = "There is a sales channel already; the demo company fills empty systems only."


@commands.command
def fill(*, at: datetime, progress: Progress) -> str:
    """Make the demo company as it stands at a moment, and return a key of its web shop.

    One transaction: killed half-way, nothing is left and the next try starts anew. `progress` is
    told the step and its fraction. Raises `NotEmpty`.
    """
    if Channel.objects.exists():
        raise NotEmpty
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    firm = company.found()
    buildings = places.build(at)
    company.assign(firm, {code: place.warehouse for code, place in buildings.items()})
    opened = at - timedelta(days=BEFORE + DAYS)
    shelves = Shelves(buildings, _articles(firm, opened, progress), dice)
    _fill_shelves(shelves, firm, opened, progress)
    goods = dice.sample(shelves.stocked(), len(shelves.stocked()))
    till = Till(dice, goods, [one for one in shelves.articles if one.range is None])
    story = Story(firm, shelves, till, dice, at)
    shoppers = people.shoppers(random.Random(SEED), 30, "L")  # noqa: S311 - a story
    history.bring_over(firm, till, shoppers, buildings["MAIN"].warehouse, story.began)
    _tell(story, progress)
    backorders.sweep(actor=SYSTEM, at=at)
    stock.disturb(firm.staff("marta"), at - timedelta(hours=7))
    installation.mark_demo()
    _, key = keys.create(channel=firm.channels["WEB"], name="demo", scopes=keys.SCOPES)
    return key


def _articles(firm: company.Company, at: datetime, progress: Progress) -> list[catalogue.Article]:
    articles: list[catalogue.Article] = []
    for article in catalogue.fill(firm.staff("marta"), at):
        articles.append(article)
        progress("products", len(articles) / catalogue.count())
    return articles


def _fill_shelves(
    shelves: Shelves, firm: company.Company, opened: datetime, progress: Progress
) -> None:
    wanda = firm.staff("wanda")
    for number, _ in enumerate(stock.deliver(shelves, wanda, opened), 1):
        progress("stock", number / len(shelves.places))
    stock.handle(shelves, wanda, opened + timedelta(days=2))
    stock.set_reorder_points(shelves)


def _tell(story: Story, progress: Progress) -> None:
    customers.gather(story)
    routine.plan(story)
    oddities.plan(story)
    mishaps.plan(story)
    for fraction in story.tell():
        progress("orders", fraction)
    progress("orders", 1.0)
