"""Kapell as it is measured: its database filled, its doors opened, its books checked afterwards."""
