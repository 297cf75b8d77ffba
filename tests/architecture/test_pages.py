"""The READMEs keep their word, and no tracked file names a machine."""

import re
import tomllib

import pytest

from tests.architecture.code import APPS, ROOT, tracked_files

DEPENDS = re.compile(r"^May depend on: (.+?)\.?$", re.MULTILINE)
NAME = re.compile(r"`([a-z.]+)`")

# Put together here, so that this file does not hold them.
MACHINE_PATHS = ["/wo" + "rk/", "/tm" + "p/kap", "/home" + "/", "/Us" + "ers/", "/ro" + "ot/"]
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "--index" + "-url", "registry.npm" + "js"]


def contract():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return next(one for one in table["contracts"] if one["id"] == "arrow")["layers"]


def may_import(app):
    """What the arrow lets an app import, itself left out."""
    rows = [[name.strip() for name in re.split(r"[|:]", row)] for row in contract()]
    place = next(place for place, row in enumerate(rows) if app in row)
    return {name for row in rows[place + 1 :] for name in row}


@pytest.mark.parametrize("app", APPS)
def test_a_readme_says_what_the_import_contract_says(app):
    text = (ROOT / app / "README.md").read_text()
    line = DEPENDS.search(text)
    assert line, f"{app}/README.md has no line “May depend on: …”"
    assert set(NAME.findall(line.group(1))) == may_import(app)


@pytest.mark.parametrize("app", [*APPS, "config/kernel"])
def test_a_readme_fits_one_screen(app):
    lines = (ROOT / app / "README.md").read_text().splitlines()
    assert 10 <= len(lines) <= 70


def _text(path):
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("words", [MACHINE_PATHS, REGISTRIES], ids=["machine", "registry"])
def test_no_tracked_file_names_a_machine_or_a_registry(words):
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        for word in words
        if word in _text(path)
    ]
    assert found == []


def test_no_tracked_file_is_a_secret_or_a_dump():
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    assert [
        name for name in names if re.search(r"(^|/)(\.env|var/|.*\.(pem|key|dump|pyc))", name)
    ] == []
