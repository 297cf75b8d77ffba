"""Imports files of orders: read into the database, then booked in the order things happened."""
