"""The entities of the house, from the models: what each department keeps, and how its rows belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from config.catalogue.code import OURS
from config.catalogue.places import System, system_of

TYPES: Final = {
    "UUIDField": "uuid",
    "CharField": "string",
    "TextField": "string",
    "FSMField": "string",
    "JSONField": "object",
    "DateTimeField": "date-time",
    "DateField": "date",
    "BooleanField": "boolean",
    "BinaryField": "bytes",
    "GenericIPAddressField": "string",
    "ArrayField": "array",
}


@dataclass(frozen=True, slots=True)
class Property:
    """One column. ``references`` names another entity of the house."""

    name: str
    type: str
    required: bool
    description: str
    references: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """One table and what it is for. ``root`` says that nothing else owns it."""

    name: str
    system: System
    summary: str
    table: str
    identifier: str
    root: bool
    properties: tuple[Property, ...]


def entities() -> tuple[Entity, ...]:
    """Every model of ours, by name."""
    ours = [model for model in apps.get_models() if model.__module__.partition(".")[0] in OURS]
    names = {model: _name(model, ours) for model in ours}
    return tuple(sorted((_entity(model, names) for model in ours), key=lambda entity: entity.name))


def _name(model: type[Model], ours: list[type[Model]]) -> str:
    """Its class, with its app in front where two are called the same."""
    twins = sum(other.__name__ == model.__name__ for other in ours)
    return model.__name__ if twins == 1 else f"{model._meta.app_label.capitalize()}{model.__name__}"


def _entity(model: type[Model], names: dict[type[Model], str]) -> Entity:
    fields = [field for field in model._meta.get_fields() if isinstance(field, Field)]
    parents = [field for field in fields if isinstance(field, ForeignKey) and field.related_model in names and not field.null]
    told = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    return Entity(
        name=names[model],
        system=system_of(model.__module__),
        summary=told if told and not told.startswith(f"{model.__name__}(") else f"{str(model._meta.verbose_name).capitalize()}.",
        table=model._meta.db_table,
        identifier=model._meta.pk.name if model._meta.pk else "id",
        root=not parents,
        properties=tuple(_property(field, names) for field in fields),
    )


def _property(field: Any, names: dict[type[Model], str]) -> Property:
    related = field.related_model if isinstance(field, ForeignKey) else None
    target = field.target_field if isinstance(field, ForeignKey) else field
    kind = target.get_internal_type()
    return Property(
        name=field.name,
        type=TYPES.get(kind, "integer" if "Integer" in kind or "Auto" in kind else "string"),
        required=not field.null and not field.has_default() and field.db_default is not field.db_default.__class__,
        description=str(field.db_comment or field.help_text or ""),
        references=names.get(related, "") if related is not None else "",
        values=tuple(str(value) for value, _ in field.choices or ()),
    )
