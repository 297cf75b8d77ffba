"""Makes valid products and warehouses; stock comes through the services."""

import factory

from config.kernel import folding
from inventory.models import Bin, Product, StockLevel, Supplier, Warehouse


class SupplierFactory(factory.django.DjangoModelFactory):
    code = factory.Sequence(lambda n: f"SUPPLIER{n}")
    name = factory.Sequence(lambda n: f"Supplier {n} Ltd")

    class Meta:
        model = Supplier


class ProductFactory(factory.django.DjangoModelFactory):
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    sku_key = factory.LazyAttribute(lambda product: folding.sku(product.sku))
    name = factory.Sequence(lambda n: f"Product {n}")

    class Meta:
        model = Product


class BinFactory(factory.django.DjangoModelFactory):
    code = factory.Sequence(lambda n: f"A-{n:03}")
    kind = Bin.Kind.PICK

    class Meta:
        model = Bin


class WarehouseFactory(factory.django.DjangoModelFactory):
    """A warehouse with the three bins every warehouse has."""

    code = factory.Sequence(lambda n: f"WH{n}")
    name = factory.Sequence(lambda n: f"Warehouse {n}")
    receiving = factory.RelatedFactory(BinFactory, "warehouse", code=Bin.RECEIVING, kind="bulk")
    stock = factory.RelatedFactory(BinFactory, "warehouse", code=Bin.STOCK, kind="pick")
    staging = factory.RelatedFactory(BinFactory, "warehouse", code=Bin.STAGED, kind="staging")

    class Meta:
        model = Warehouse
        skip_postgeneration_save = True


class StockLevelFactory(factory.django.DjangoModelFactory):
    """An empty level; fill it with `receiving.receive`."""

    product = factory.SubFactory(ProductFactory)
    warehouse = factory.SubFactory(WarehouseFactory)

    class Meta:
        model = StockLevel
