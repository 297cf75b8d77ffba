"""Customers, the references channels know them by, and their addresses."""

from customers.models.addresses import Address
from customers.models.customers import Customer, CustomerReference

__all__ = ["Address", "Customer", "CustomerReference"]
