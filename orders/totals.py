"""The arithmetic of an order: what its lines, charges, discounts and taxes add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.kernel import money

_HUNDRED = Decimal(100)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineAsk:
    """One line as the channel sent it; the discount is the whole line's, the rate in percent."""

    quantity: int
    unit_price: Decimal
    discount_amount: Decimal
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """Shipping or a fee as the channel sent it, the rate in percent."""

    amount: Decimal
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line or a charge comes to, in whole minor units.

    `amount` is stated as the prices are (with or without tax), after the line's own discount;
    `discount` is its part of the order's discount; net + tax = gross, all after both discounts.
    """

    amount: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """What falls under one rate, lines and charges together."""

    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The order in figures.

    calculated_total = sum of gross. total_amount is what was charged, where the channel said so;
    unless `mismatch`, total_amount = calculated_total + rounding_amount.
    """

    lines: tuple[Amounts, ...]
    shipping: Amounts | None
    fees: tuple[Amounts, ...]
    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    calculated_total: Decimal
    total_amount: Decimal
    rounding_amount: Decimal
    mismatch: bool
    tax_groups: tuple[TaxGroup, ...]


def price(
    *,
    lines: Sequence[LineAsk],
    shipping: Charge | None,
    fees: Sequence[Charge],
    discount_amount: Decimal,
    prices_include_tax: bool,
    currency: str,
    charged_total: Decimal | None,
    charged_tax: Decimal | None,
) -> Totals:
    """Price an order; amounts and discounts come in whole minor units, unit prices as sent.

    A line is quantity x unit price, rounded once, less its discount. The order's discount is
    spread over the lines by their amounts, and what exceeds them over the charges. Tax is
    computed once per rate on everything under that rate, then spread back over its members.

    What the channel charged stays: up to one minor unit a line beside the calculated total it is
    `rounding_amount`, beyond that `mismatch`; a charged tax that close is the order's tax.
    """
    nothing = money.quantize(_NOTHING, currency)
    charges = [*fees] if shipping is None else [shipping, *fees]
    first_fee = len(lines) + (shipping is not None)
    stated = [
        money.quantize(line.quantity * line.unit_price, currency) - line.discount_amount
        for line in lines
    ]
    subtotal = sum(stated, nothing)
    stated += [charge.amount for charge in charges]
    discounts = _discounts(discount_amount, stated, len(lines), currency)
    rates = [line.tax_rate for line in lines] + [charge.tax_rate for charge in charges]
    parts, groups = _taxed(
        stated, discounts, rates, include_tax=prices_include_tax, currency=currency
    )
    calculated = sum([group.gross for group in groups], nothing)
    tax = sum([group.tax for group in groups], nothing)
    tolerance = money.minor_unit(currency) * len(lines)
    total_off = nothing if charged_total is None else charged_total - calculated
    tax_off = nothing if charged_tax is None else charged_tax - tax
    total_fits, tax_fits = abs(total_off) <= tolerance, abs(tax_off) <= tolerance
    return Totals(
        lines=tuple(parts[: len(lines)]),
        shipping=None if shipping is None else parts[len(lines)],
        fees=tuple(parts[first_fee:]),
        subtotal=subtotal,
        discount_amount=discount_amount,
        tax_amount=tax + tax_off if tax_fits else tax,
        calculated_total=calculated,
        total_amount=calculated + total_off,
        rounding_amount=total_off if total_fits else nothing,
        mismatch=not (total_fits and tax_fits),
        tax_groups=tuple(groups),
    )


def _discounts(
    discount: Decimal, stated: Sequence[Decimal], line_count: int, currency: str
) -> Sequence[Decimal]:
    """The order's discount per line and charge: the lines bear it as far as they go."""
    nothing = money.quantize(_NOTHING, currency)
    if not discount:
        return [nothing] * len(stated)
    lines, charges = stated[:line_count], stated[line_count:]
    on_lines = min(discount, max(sum(lines, nothing), nothing)) if any(charges) else discount
    on_charges = discount - on_lines
    parts = money.allocate(on_lines, lines, currency)
    if not on_charges:
        return parts + [nothing] * len(charges)
    return parts + money.allocate(on_charges, charges, currency)


def _taxed(
    stated: Sequence[Decimal],
    discounts: Sequence[Decimal],
    rates: Sequence[Decimal],
    *,
    include_tax: bool,
    currency: str,
) -> tuple[list[Amounts], list[TaxGroup]]:
    payable = [amount - discount for amount, discount in zip(stated, discounts, strict=True)]
    taxes = [_NOTHING] * len(payable)
    groups = []
    for rate, places in _by_rate(rates).items():
        bases = [payable[place] for place in places]
        divisor = _HUNDRED + rate if include_tax else _HUNDRED
        base = sum(bases, _NOTHING)
        tax = money.quantize(base * rate / divisor, currency)
        net = base - tax if include_tax else base
        groups.append(TaxGroup(rate, net, tax, net + tax))
        for place, part in zip(places, _spread(tax, bases, rate, divisor, currency), strict=True):
            taxes[place] = part
    nets = [base - tax for base, tax in zip(payable, taxes, strict=True)]
    if not include_tax:
        nets = payable
    grosses = [net + tax for net, tax in zip(nets, taxes, strict=True)]
    return list(map(Amounts, stated, discounts, nets, taxes, grosses)), groups


def _by_rate(rates: Sequence[Decimal]) -> dict[Decimal, list[int]]:
    places: dict[Decimal, list[int]] = {}
    for place, rate in enumerate(rates):
        places.setdefault(rate, []).append(place)
    return places


def _spread(
    tax: Decimal, bases: Sequence[Decimal], rate: Decimal, divisor: Decimal, currency: str
) -> list[Decimal]:
    """The group's tax over its members by largest remainder of what each would bear alone.

    Rounding each alone gives the same parts whenever they add up; only if they do not, units move
    to those rounded down the furthest (ties: the earliest), or from those rounded up the furthest.
    """
    if len(bases) == 1:
        return [tax]
    if tax < 0:
        return [-part for part in _spread(-tax, [-b for b in bases], rate, divisor, currency)]
    parts = [money.quantize(base * rate / divisor, currency) for base in bases]
    missing = tax - sum(parts)
    if not missing:
        return parts
    unit = money.minor_unit(currency).copy_sign(missing)
    exactly_left = [base * rate - part * divisor for base, part in zip(bases, parts, strict=True)]
    order = sorted(range(len(parts)), key=lambda place: -exactly_left[place])
    if missing < 0:
        order.reverse()
    for place in order[: int(missing / unit)]:
        parts[place] += unit
    return parts
