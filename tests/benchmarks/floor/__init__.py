"""The floor: the least durable work an order can mean, in hand-written SQL and a bare view."""
