"""Makes valid customers; references and addresses come through the services."""

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from customers.models import Customer
from tests.factories.kernel import ChannelFactory


class CustomerFactory(DjangoModelFactory[Customer]):
    channel = SubFactory(ChannelFactory)
    name = Sequence(lambda n: f"Customer {n}")

    class Meta:
        model = Customer
