"""Every refusal is explained where its problem links to, and the guide lists those of the API."""

from pathlib import Path

from django.test import Client

from config import api
from config.kernel import errors
from config.kernel.api import catalogue, problems, schema
from config.kernel.errors import Again

GUIDE = Path(__file__).parents[2] / "docs/api.md"


def test_a_problem_links_to_its_explanation() -> None:
    page = Client().get("/api/docs/errors/")

    assert page.status_code == 200
    link = errors.document(problems.TooLarge())["type"]
    assert link == "/api/docs/errors/#too_large"
    assert b'id="too_large"' in page.content


def test_every_refusal_of_the_product_is_in_the_catalogue_once() -> None:
    known = {entry.code: entry for entry in catalogue.entries()}

    assert len(known) == len(catalogue.entries())
    for kind in errors.kinds():
        assert kind.code in known, kind
        assert known[kind.code].status == kind.status, kind


def test_the_guide_lists_exactly_what_the_doors_name() -> None:
    assert api.urlpatterns  # the doors are loaded
    table = catalogue.markdown({*schema.refused(), problems.MethodNotAllowed, errors.NotFound})

    assert "| `order_exists` | 409 |" in table
    assert table in GUIDE.read_text(), f"put this into docs/api.md:\n\n{table}\n"


def test_what_may_be_sent_again_follows_from_the_refusal() -> None:
    assert errors.again(problems.TooLarge) == Again.CORRECTED
    assert errors.again(errors.NotFound) == Again.NO
    assert errors.again(errors.Busy) == Again.LATER
    assert errors.again(errors.StaleState) == Again.READ_FIRST
