"""Settings: one file for what is always so, one each for a laptop, the tests and production."""
