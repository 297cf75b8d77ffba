"""The tables of allowed moves of what inventory decides."""

TRANSFER_MOVES: dict[str, frozenset[str]] = {
    "in_transit": frozenset({"received"}),
    "received": frozenset(),
}

DIFFERENCE_MOVES: dict[str, frozenset[str]] = {
    "open": frozenset({"repaired", "gone"}),
    "repaired": frozenset(),
    "gone": frozenset(),
}
