"""Every error the API may answer is explained where its problem links to."""

import re
from pathlib import Path

from django.test import Client

from config.kernel import errors
from config.kernel.api import catalogue, problems

ROOT = Path(__file__).parents[2]


def test_a_problem_links_to_its_explanation() -> None:
    page = Client().get("/api/docs/errors/")

    assert page.status_code == 200
    link = errors.document(problems.TooLarge())["type"]
    assert link == "/api/docs/errors/#too_large"
    assert b'id="too_large"' in page.content


def test_every_code_the_doors_name_is_in_the_catalogue_and_the_guide() -> None:
    known = {entry.code for entry in catalogue.ENTRIES}
    named = set()
    for door in ("orders/api/views.py", "inventory/api/views.py", "config/kernel/api/schema.py"):
        for text in re.findall(r'_4\d\d["=:]+ ?"([^"]+)"', (ROOT / door).read_text()):
            named |= set(re.findall(r"[a-z_]{4,}", text.partition(":")[0]))

    assert named
    assert named <= known
    guide = (ROOT / "docs/api.md").read_text()
    assert {code for code in named if f"`{code}`" not in guide} == set()
