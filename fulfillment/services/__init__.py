"""Every change of what leaves the building, one verb each."""
