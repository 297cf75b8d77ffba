"""Books entries on figures in memory: pure arithmetic that refuses what the books cannot hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from config.kernel import ids
from inventory import errors

GOOD, QUARANTINE = "good", "quarantine"
MOST = 2**31 - 1

# Where stock is taken from when no bin is named: what pickers reach first.
NEAREST = {"pick": 0, "bulk": 1, "staging": 2, "tote": 3}


@dataclass(frozen=True, slots=True)
class BinChange:
    """A signed change of what lies in one bin."""

    bin_id: UUID
    quantity: int
    lot: str | None = None
    condition: str = GOOD


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger to be: the signed change of each counter, and where it happens.

    With `bins`, on hand and unavailable follow from them. Without, `on_hand` is taken from the good
    stock in sellable bins, or put into the warehouse's bin STOCK.
    """

    level_id: UUID
    kind: str
    command_id: UUID
    on_hand: int = 0
    unavailable: int = 0
    reserved: int = 0
    bins: tuple[BinChange, ...] = ()
    reason: str = ""
    document: str = ""
    subject_id: UUID | None = None
    at: datetime | None = None  # when it happened, where that differs from the booking's moment
    noted: int = 0  # the units an entry is about that changes no counter

    @property
    def quantity(self) -> int:
        """How many units the entry is about."""
        came = sum(change.quantity for change in self.bins if change.quantity > 0)
        went = -sum(change.quantity for change in self.bins if change.quantity < 0)
        counters = abs(self.on_hand) or abs(self.reserved) or abs(self.unavailable)
        return max(came, went) or counters or self.noted

    @property
    def moves_goods(self) -> bool:
        """Tell whether anything physical changes place."""
        return bool(self.bins or self.on_hand)


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as it stands in the ledger."""

    movement_id: UUID
    level_id: UUID
    product_id: UUID
    warehouse_id: UUID
    version: int
    command_id: UUID
    kind: str
    on_hand: int
    unavailable: int
    reserved: int
    quantity: int
    bin_from_id: UUID | None = None
    bin_to_id: UUID | None = None

    @property
    def gained(self) -> int:
        """By how much available rose; negative when it fell."""
        return self.on_hand - self.unavailable - self.reserved


@dataclass(slots=True)
class Level:
    """A level's counters, locked."""

    id: UUID
    product_id: UUID
    warehouse_id: UUID
    on_hand: int
    unavailable: int
    reserved: int
    version: int

    @property
    def available(self) -> int:
        """What may still be promised."""
        return self.on_hand - self.unavailable - self.reserved


@dataclass(frozen=True, slots=True)
class Place:
    """A bin as far as booking needs to know it."""

    id: UUID
    warehouse_id: UUID
    kind: str
    sequence: int
    code: str

    @property
    def nearness(self) -> tuple[int, int, str]:
        """The order in which bins are emptied."""
        return NEAREST.get(self.kind, len(NEAREST)), self.sequence, self.code


@dataclass(slots=True)
class Content:
    """What lies in a bin of one product, lot and condition, locked."""

    id: UUID
    product_id: UUID
    place: Place
    lot: str | None
    condition: str
    quantity: int
    allocated: int
    is_new: bool = False
    is_changed: bool = False

    @property
    def is_sellable(self) -> bool:
        """Tell whether it may be promised to customers."""
        return self.condition == GOOD and self.place.kind != QUARANTINE


Key = tuple[UUID, UUID, str | None, str]


@dataclass(slots=True)
class Book:
    """Levels with their bins' contents, on which entries are applied one after the other."""

    levels: dict[UUID, Level]
    places: dict[UUID, Place] = field(default_factory=dict)
    defaults: dict[UUID, Place] = field(default_factory=dict)
    _contents: dict[Key, Content] = field(default_factory=dict)
    _by_level: dict[tuple[UUID, UUID], list[Content]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, contents: Iterable[Content]) -> None:
        """Take in what the bins hold."""
        for content in contents:
            self._put(content)

    def apply(self, entry: Entry) -> Posted:
        """Book an entry on the figures and return it as the ledger will show it.

        Raises `ShortfallError` when a counter or a bin would fall below zero or a promise would
        lose its stock, `WrongBin` or `NoDefaultBin` when there is no such place, ValueError for an
        entry that contradicts itself.
        """
        level = self.levels[entry.level_id]
        if entry.bins:
            touched = self._change(level, entry.bins)
            on_hand = sum(quantity for _, quantity in touched)
            unavailable = sum(quantity for content, quantity in touched if not content.is_sellable)
            if entry.on_hand not in {0, on_hand} or entry.unavailable not in {0, unavailable}:
                raise ValueError("an entry's counters contradict its bins")
            _count(level, on_hand, unavailable, entry.reserved)
        else:
            if entry.on_hand and entry.unavailable:
                raise ValueError("an entry that changes both counters must name its bins")
            on_hand, unavailable = entry.on_hand, entry.unavailable
            _count(level, on_hand, unavailable, entry.reserved)
            touched = self._choose(level, on_hand)
        level.version += 1
        return _posted(entry, level, on_hand, unavailable, touched)

    def restate(self, entry: Entry, on_hand: int, unavailable: int, reserved: int) -> Posted:
        """Set a level's counters to other figures by an entry that changes none: a repair.

        Raises `ShortfallError` when these figures break the rules among counters.
        """
        level = self.levels[entry.level_id]
        changes = (on_hand - level.on_hand, unavailable - level.unavailable)
        _count(level, *changes, reserved - level.reserved)
        level.version += 1
        return _posted(entry, level, 0, 0, [])

    def refill(self, entry: Entry, quantity: int) -> Posted:
        """Change what lies in a level's bins by an entry that changes no counter: a repair."""
        level = self.levels[entry.level_id]
        touched = self._choose(level, quantity)
        level.version += 1
        return _posted(entry, level, 0, 0, touched)

    def lying(self, level_id: UUID) -> int:
        """Return the units in all bins of a level."""
        level = self.levels[level_id]
        contents = self._by_level[level.product_id, level.warehouse_id]
        return sum(content.quantity for content in contents)

    def changed(self) -> Iterator[Content]:
        """Yield every content that is new or holds another quantity than before."""
        return (content for content in self._contents.values() if content.is_changed)

    def _change(self, level: Level, changes: Iterable[BinChange]) -> list[tuple[Content, int]]:
        touched = []
        for change in changes:
            content = self._content(level, change)
            if content.quantity + change.quantity < content.allocated:
                missing = content.allocated - content.quantity - change.quantity
                raise _shortfall(level, missing, "bin", change.bin_id)
            _add(content, change.quantity)
            touched.append((content, change.quantity))
        return touched

    def _choose(self, level: Level, on_hand: int) -> list[tuple[Content, int]]:
        if on_hand < 0:
            return self._take(level, -on_hand)
        if on_hand > 0:
            place = self.defaults.get(level.warehouse_id)
            if place is None:
                raise errors.NoDefaultBin(warehouse_id=str(level.warehouse_id))
            return self._change(level, [BinChange(place.id, on_hand)])
        return []

    def _take(self, level: Level, wanted: int) -> list[tuple[Content, int]]:
        touched = []
        nearest = sorted(
            self._by_level[level.product_id, level.warehouse_id],
            key=lambda content: content.place.nearness,
        )
        for content in nearest:
            part = min(wanted, content.quantity - content.allocated) if content.is_sellable else 0
            if part > 0:
                _add(content, -part)
                touched.append((content, -part))
                wanted -= part
        if wanted:
            raise _shortfall(level, wanted, "bin")
        return touched

    def _content(self, level: Level, change: BinChange) -> Content:
        key = (level.product_id, change.bin_id, change.lot, change.condition)
        known = self._contents.get(key)
        if known is not None and known.place.warehouse_id == level.warehouse_id:
            return known
        place = self.places.get(change.bin_id)
        if place is None or place.warehouse_id != level.warehouse_id:
            raise errors.WrongBin(bin_id=str(change.bin_id))
        fresh = Content(
            ids.new(), level.product_id, place, change.lot, change.condition, 0, 0, is_new=True
        )
        self._put(fresh)
        return fresh

    def _put(self, content: Content) -> None:
        key = (content.product_id, content.place.id, content.lot, content.condition)
        self._contents[key] = content
        self._by_level[content.product_id, content.place.warehouse_id].append(content)


def _add(content: Content, quantity: int) -> None:
    content.quantity += quantity
    content.is_changed = True


def _count(level: Level, on_hand: int, unavailable: int, reserved: int) -> None:
    level.on_hand += on_hand
    level.unavailable += unavailable
    level.reserved += reserved
    for cause in ("on_hand", "unavailable", "reserved"):
        if getattr(level, cause) < 0:
            raise _shortfall(level, -getattr(level, cause), cause)
    if level.on_hand > MOST:
        raise errors.TooMany(most=MOST)
    if level.available < 0:
        raise _shortfall(level, -level.available, "promised")


def _shortfall(
    level: Level, missing: int, cause: str, bin_id: UUID | None = None
) -> errors.ShortfallError:
    return errors.ShortfallError(
        level_id=level.id,
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        missing=missing,
        cause=cause,
        bin_id=bin_id,
    )


def _posted(
    entry: Entry,
    level: Level,
    on_hand: int,
    unavailable: int,
    touched: list[tuple[Content, int]],
) -> Posted:
    return Posted(
        movement_id=ids.new(),
        level_id=level.id,
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        version=level.version,
        command_id=entry.command_id,
        kind=entry.kind,
        on_hand=on_hand,
        unavailable=unavailable,
        reserved=entry.reserved,
        quantity=entry.quantity,
        bin_from_id=next((content.place.id for content, moved in touched if moved < 0), None),
        bin_to_id=next((content.place.id for content, moved in touched if moved > 0), None),
    )
