"""`make bench`: how fast Kapell is, as ratios to a floor measured beside it in the same run."""
