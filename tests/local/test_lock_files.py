import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"


def blocks(name):
    """Each locked package with the lines that belong to it."""
    text = (REQUIREMENTS / name).read_text()
    return re.findall(r"(?m)^[A-Za-z0-9][^\s=]*==.*(?:\n[ ]+.*)*", text)


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_every_package_is_pinned_with_hashes(name):
    locked = blocks(name)

    assert len(locked) > 50
    assert [block for block in locked if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["base.in", "base.txt", "dev.in", "dev.txt"])
def test_no_file_names_a_host(name):
    assert (
        re.findall(r"https?://|--index|--find-links|file:", (REQUIREMENTS / name).read_text()) == []
    )


def test_development_runs_on_exactly_what_production_runs_on():
    production = {block.split()[0] for block in blocks("base.txt")}
    development = {block.split()[0] for block in blocks("dev.txt")}

    assert production - development == set()


def test_the_console_theme_is_the_last_for_this_python_alone():
    assert [
        block.split()[0] for block in blocks("base.txt") if block.startswith("django-unfold")
    ] == ["django-unfold==0.91.0"]
