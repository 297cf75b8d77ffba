"""The answers of the API of customers as OpenAPI describes them; `queries.lookup` makes them."""

from pydantic import BaseModel, Field


class CustomerOut(BaseModel):
    """A customer as the channel knows it."""

    id: str
    references: list[str] = Field(description="What this channel calls the customer.")
    name: str
    company: str
    email: str
    phone: str
    vat_number: str
    language: str
    is_blocked: bool = Field(description="Orders of blocked customers wait on hold.")
    created_at: str
    updated_at: str
    version: int


class CustomerPageOut(BaseModel):
    """The customer looked for, or nobody."""

    results: list[CustomerOut]
    next: None
