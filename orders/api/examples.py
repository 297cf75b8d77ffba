"""Requests as the description shows them."""

from config.kernel.api import schema

ORDER = schema.request(
    "An order",
    {
        "reference": "WEB-10001",
        "currency": "GBP",
        "customer": {"reference": "17850", "name": "Ann Example", "email": "ann@example.com"},
        "shipping_address": {
            "name": "Ann Example",
            "line1": "1 High Street",
            "city": "London",
            "postal_code": "SW1A 1AA",
            "country": "GB",
        },
        "lines": [{"sku": "MUG", "quantity": 2, "unit_price": "9.95", "tax_rate": "20.00"}],
        "payments": [{"method": "card", "status": "paid", "amount": "19.90"}],
    },
)
CANCEL = schema.request(
    "Two units of the first line",
    {"reason": "no longer wanted", "lines": [{"position": 1, "quantity": 2}]},
)
HOLD = schema.request("Wait", {"reason": "The customer asked us to wait until Friday."})
RELEASE = schema.request("Go on", {"reason": "The customer called back."})
NOTE = schema.request(
    "A note", {"text": "Leave it with the neighbour at number 3.", "is_pinned": True}
)
