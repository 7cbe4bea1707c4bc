"""Departments, and the systems of the Shopping department, are tied by ids only: the database knows no key between them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, models

from shop.carts.models import Cart, CartItem

OURS = ("catalog", "fulfilment", "ordering", "payments", "reviews", "shop")

# Every foreign key the database has, by the tables on its two ends.
KEYS = """
    SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c
    JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = 'public'
"""


def owner_of(model: type[Any]) -> str:
    """Whose table it is: ``ordering``, ``shop.carts``, ``shop.messaging``; for a library's table its module."""
    department, system, *_ = f"{model.__module__}.".split(".")
    return f"shop.{system}" if department == "shop" else department


def crossing(pairs: Iterator[tuple[type[Any], type[Any]]]) -> list[str]:
    """The pairs of models that belong to different owners, as sentences."""
    return [f"{one.__name__} → {other.__name__}" for one, other in pairs if owner_of(one) != owner_of(other)]


def relations() -> Iterator[tuple[type[Any], type[Any]]]:
    for model in apps.get_models():
        if owner_of(model).split(".", maxsplit=1)[0] in OURS:
            for field in model._meta.get_fields():
                if isinstance(field, models.ForeignKey | models.ManyToManyField):
                    yield model, field.related_model


def keys() -> Iterator[tuple[type[Any], type[Any]]]:
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        for one, other in cursor.fetchall():
            if owner_of(tables[one]).split(".", maxsplit=1)[0] in OURS:
                yield tables[one], tables[other]


def test_no_model_relates_to_another_owners() -> None:
    found = list(relations())
    assert (CartItem, Cart) in found
    assert crossing(iter(found)) == []


@pytest.mark.django_db
def test_the_database_has_no_key_between_owners() -> None:
    found = list(keys())
    assert (CartItem, Cart) in found
    assert crossing(iter(found)) == []


def test_a_relation_that_crosses_would_be_found() -> None:
    assert crossing(iter([(CartItem, Cart), (Cart, User)])) == ["Cart → User"]
