"""Sets up sales channels and the legal entities they belong to."""

from collections.abc import Sequence

from config.kernel import commands, errors, money
from config.kernel.models import Channel, LegalEntity
from config.kernel.models.channels import CODE

HOUSE = "HOUSE"


class EntityUnclear(errors.DomainError):
    """Several legal entities exist, and none was named."""

    code, status = "entity_unclear", 422
    title = "Say which legal entity the sales channel belongs to."


class UnknownCurrency(errors.DomainError):
    """Not a currency of ISO 4217."""

    code, status = "unknown_currency", 422
    title = "Name currencies by their ISO 4217 codes, such as GBP."


@commands.command
def ensure(
    *,
    code: str,
    name: str = "",
    currencies: Sequence[str] = (),
    entity: str = "",
    kind: str = Channel.Kind.API,
) -> tuple[Channel, bool]:
    """Return the channel of that code, made if it is missing, and whether it was made.

    An existing channel is left as it is. Without a named entity the only one is taken, and on an
    empty system one is made; a named one is made when missing. Raises `EntityUnclear`,
    `UnknownCurrency`, ValidationError for a code that is not one.
    """
    known = Channel.objects.filter(code=code).first()
    if known is not None:
        return known, False
    CODE(code)
    unknown = [one for one in currencies if not money.is_currency(one)]
    if unknown:
        raise UnknownCurrency(unknown=unknown)
    owner = _entity(entity, currencies)
    channel = Channel(
        code=code,
        name=name or code,
        entity=owner,
        kind=kind,
        currencies=list(currencies) or [owner.currency],
    )
    channel.save(force_insert=True)
    return channel, True


def _entity(code: str, currencies: Sequence[str]) -> LegalEntity:
    if not code:
        present = list(LegalEntity.objects.all()[:2])
        if len(present) > 1:
            raise EntityUnclear
        if present:
            return present[0]
        code = HOUSE
    CODE(code)
    currency = next(iter(currencies), "GBP")
    entity, _ = LegalEntity.objects.get_or_create(
        code=code, defaults={"name": code, "currency": currency}
    )
    return entity
