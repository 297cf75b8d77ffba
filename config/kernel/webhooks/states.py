"""The moves of an endpoint: paused by staff, disabled by failures, removed for good."""

ENDPOINT_MOVES: dict[str, frozenset[str]] = {
    "active": frozenset({"paused", "disabled", "removed"}),
    "paused": frozenset({"active", "removed"}),
    "disabled": frozenset({"active", "removed"}),
    "removed": frozenset(),
}
