"""What inventory refuses, each refusal with its own name."""

from typing import Any
from uuid import UUID

from config.kernel import errors


class ShortfallError(errors.DomainError):
    """The stock is not there, or it is promised: inventory never breaks a promise by itself.

    `cause` tells which rule would break: `promised` (reserved + unavailable would exceed on hand by
    `missing`; freeing so many units of promises makes room), `on_hand`, `unavailable`, `reserved`
    (the counter would fall below zero by `missing`) or `bin` (`missing` units are not in the bin,
    or are allocated there).
    """

    code = "stock_shortfall"
    title = "There is not enough free stock for this."

    def __init__(
        self,
        *,
        level_id: UUID,
        product_id: UUID,
        warehouse_id: UUID,
        missing: int,
        cause: str,
        bin_id: UUID | None = None,
    ) -> None:
        where: dict[str, Any] = {"bin_id": str(bin_id)} if bin_id else {}
        super().__init__(
            level_id=str(level_id),
            product_id=str(product_id),
            warehouse_id=str(warehouse_id),
            missing=missing,
            cause=cause,
            **where,
        )
        self.level_id = level_id
        self.product_id = product_id
        self.warehouse_id = warehouse_id
        self.missing = missing
        self.cause = cause
        self.bin_id = bin_id


class NotPromised(errors.DomainError):
    """More is to be released or shipped than is promised to the demand."""

    code = "not_promised"
    title = "More than is allocated."


class CommandContradicted(errors.DomainError):
    """The same command id came with another content than the first time."""

    code = "command_contradicted"
    title = "This command was already carried out, with other quantities."


class NotStocked(errors.DomainError):
    """Postage, fees and services are sold, never stocked."""

    code = "not_stocked"
    status = 422
    title = "This is not a stocked item."


class StillStocked(errors.DomainError):
    """What lies on the shelf is goods; count it out first."""

    code = "still_stocked"
    title = "There is stock of this product, so it stays a stocked item."


class ReasonMissing(errors.DomainError):
    """A change of stock that nothing else explains needs a reason."""

    code = "reason_missing"
    status = 422
    title = "Give a reason."


class NothingToDo(errors.DomainError):
    """A quantity of zero or below, or nowhere to go."""

    code = "nothing_to_do"
    status = 422
    title = "The quantity must be a whole number above 0, and the two places different."


class TooMany(errors.DomainError):
    """More units than the books can count."""

    code = "too_many"
    status = 422
    title = "No warehouse holds that many."


class TransferExceeded(errors.DomainError):
    """More than is still in transit."""

    code = "transfer_exceeded"
    title = "That is more than is still in transit."


class UnknownLevel(errors.NotFound):
    """The product has no stock record in this warehouse."""

    code = "unknown_level"
    title = "This product is not kept in this warehouse."


class NoDefaultBin(errors.DomainError):
    """The warehouse lost the bin that stock goes to when no bin is named."""

    code = "no_default_bin"
    title = "The warehouse has no bin STOCK."


class WrongBin(errors.DomainError):
    """The bin is unknown or belongs to another warehouse."""

    code = "wrong_bin"
    status = 422
    title = "This bin is not in this warehouse."


class RepairLedgerFirst(errors.DomainError):
    """Another figure of the level contradicts the ledger; till then no side can be trusted."""

    code = "repair_ledger_first"
    title = "First repair what differs from the ledger."


class NotRepairable(errors.DomainError):
    """Entries of the ledger are gone; nothing can be derived that would put this right."""

    code = "not_repairable"
    title = "Entries of the ledger are missing; restore them from a backup."


class UnknownBin(errors.NotFound):
    """No bin by this id."""

    code = "unknown_bin"
    title = "There is no such bin."


class StaleCount(errors.StaleState):
    """Stock moved between the look at the shelf's figure and the count's booking."""

    code = "stale_count"
    title = "Stock has changed since the count began; count again."
