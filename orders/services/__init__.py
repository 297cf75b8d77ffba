"""Every change of an order, one verb each."""
