"""The long work that staff start on orders, registered when the app is ready."""

from orders.jobs import bulk, export

__all__ = ["bulk", "export"]
