"""Fixtures every test may use."""


def pytest_make_parametrize_id(val, argname):
    """Bytes make poor names, and packed ones differ with the clock from worker to worker."""
    return argname if isinstance(val, bytes) else None
