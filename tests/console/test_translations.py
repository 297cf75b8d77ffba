"""The catalogues: what is collected from code, templates and theme, and what is told missing."""

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from config.console import translations
from config.kernel import errors, words
from config.local import catalogues
from orders.errors import OrderNotFound

FILES = {
    "config/pages.py": """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
a, b = _("Orders"), gettext_lazy("Hold %(name)s")
c = ngettext("%(count)s line", "%(count)s lines", 2)
d = pgettext("date", "j M")
class Refused(Exception):
    title = "You may not."
""",
    "config/migrations/0001.py": '_("Never seen")',
    "templates/page.html": """
{% load i18n %}<p class="x">{% translate "Today" %}{{ _("Late") }}</p>
{% blocktranslate count n=many %}One for {{ who }}{% plural %}{{ n }} for {{ who }}
{% endblocktranslate %}
  {% translate "May" context "permission" as may %}
""",
}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path


def own(catalogue: Catalog):
    return {
        (one.id, one.context)
        for one in catalogue
        if one.id and any(not place.startswith("unfold/") for place, _line in one.locations)
    }


def test_code_templates_and_refusals_are_collected(root):
    assert own(translations.collect(root)) == {
        ("Orders", None),
        ("Hold %(name)s", None),
        (("%(count)s line", "%(count)s lines"), None),
        ("j M", "date"),
        ("You may not.", None),
        ("Today", None),
        ("Late", None),
        (("One for %(who)s", "%(n)s for %(who)s\n"), None),
        ("May", "permission"),
    }


def test_of_the_theme_only_what_django_does_not_know_is_collected(root):
    said = translations.collect(root)
    assert said.get("Type to search") is not None
    assert said.get("Log in") is None


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(root):
    said = translations.collect(root)
    translations.update(root, "de", said)
    po = translations.place(root, "de")
    po.write_text(
        po.read_text().replace('msgid "Today"\nmsgstr ""', 'msgid "Today"\nmsgstr "Heute"')
    )
    kept = po.read_bytes()
    translations.update(root, "de", translations.collect(root))
    assert po.read_bytes() == kept

    (root / "config/pages.py").write_text('_("Brand new")')
    catalogue = translations.update(root, "de", translations.collect(root))
    assert catalogue.get("Today").string == "Heute"
    assert catalogue.get("Orders") is None
    assert "'Brand new' (config/pages.py)" in translations.gaps(catalogue, said)["gone"]


def test_gaps_are_told_by_kind(root):
    said = translations.collect(root)
    catalogue = translations.update(root, "de", said)
    for one in catalogue:
        one.string = one.id
    assert not any(translations.gaps(catalogue, said).values())

    catalogue["Orders"].string = ""
    catalogue["Hold %(name)s"].string = "Halt %(nom)s"
    catalogue["Today"].flags.add("fuzzy")
    catalogue.delete("Late")
    found = translations.gaps(catalogue, said)
    assert [found["missing"], found["fuzzy"], found["unknown"]] == [
        ["'Orders' (config/pages.py)"],
        ["'Today' (templates/page.html)"],
        ["'Late' (templates/page.html)"],
    ]
    assert len(found["wrong"]) == 1
    assert found["wrong"][0].startswith("'Hold %(name)s' (config/pages.py): ")


def test_a_catalogue_is_compiled_when_it_is_newer(root):
    translations.update(root, "fr", translations.collect(root))
    assert catalogues.compile_stale(root) == 1
    assert catalogues.compile_stale(root) == 0
    files = translations.place(root, "fr").parent.iterdir()
    assert {one.name for one in files} == {"django.mo", "django.po"}


def test_a_refusal_speaks_english_to_a_channel(monkeypatch):
    monkeypatch.setattr(errors, "gettext", lambda text: f"[{text}]")
    refusal = OrderNotFound()
    assert refusal.told() == "[There is no such order.]"
    assert refusal.detail == "There is no such order."
    assert OrderNotFound("Order 7 is gone.").told() == "Order 7 is gone."


@pytest.mark.parametrize(
    ("language", "shown"), [("en-gb", "1,234"), ("de", "1.234"), ("fr", "1\xa0234")]
)
def test_numbers_follow_the_language(language, shown):
    with translation.override(language):
        assert words.count(1234) == shown
