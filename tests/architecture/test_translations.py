"""Everything the product says is said in each of its languages."""

import pytest

from config.console import translations
from tests.architecture.code import ROOT


@pytest.fixture(scope="module")
def said():
    return translations.collect(ROOT)


@pytest.mark.parametrize("language", translations.languages())
def test_a_language_lacks_nothing(language, said):
    catalogue = translations.read(translations.place(ROOT, language), language)
    lacking = {kind: lines for kind, lines in translations.gaps(catalogue, said).items() if lines}
    assert not lacking, "run `make translations ARGS=--all`"
