"""Makes valid people, entities and channels, and nothing else; keys come through `keys.create`."""

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from config.kernel.models import Channel, LegalEntity, User


class LegalEntityFactory(DjangoModelFactory[LegalEntity]):
    code = Sequence(lambda n: f"ENTITY{n}")
    name = Sequence(lambda n: f"Entity {n} Ltd")

    class Meta:
        model = LegalEntity


class ChannelFactory(DjangoModelFactory[Channel]):
    code = Sequence(lambda n: f"CHANNEL{n}")
    name = Sequence(lambda n: f"Channel {n}")
    entity = SubFactory(LegalEntityFactory)
    currencies = ["GBP"]

    class Meta:
        model = Channel


class UserFactory(DjangoModelFactory[User]):
    username = Sequence(lambda n: f"person{n}")
    is_staff = True

    class Meta:
        model = User
