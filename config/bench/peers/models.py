"""The floor's tables as Django sees them. No migration: ``config.bench.floor`` makes and drops them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class FloorTable(models.Model):
    """Not of an installed app: the product does not know these tables."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        managed = False
        app_label = "peers"


class Product(FloorTable):
    stock = models.IntegerField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."product"'


class Reservation(FloorTable):
    id = models.BigAutoField(primary_key=True)
    cart = models.UUIDField()
    status = models.TextField()
    at = models.DateTimeField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."reservation"'


class Payment(FloorTable):
    id = models.BigAutoField(primary_key=True)
    amount = models.BigIntegerField()
    status = models.TextField()
    at = models.DateTimeField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."payment"'


class Order(FloorTable):
    id = models.BigAutoField(primary_key=True)
    cart = models.UUIDField(unique=True)
    total = models.BigIntegerField()
    status = models.TextField()
    at = models.DateTimeField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."orders"'


class OrderLine(FloorTable):
    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.IntegerField()
    quantity = models.IntegerField()
    price = models.BigIntegerField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."order_line"'


class Outbox(FloorTable):
    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta(FloorTable.Meta):
        db_table = '"floor"."outbox"'
