"""A message as a handler receives it: the contract, and how it came here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from shop.contracts.base import Message

M_co = TypeVar("M_co", bound=Message, covariant=True)


@dataclass(frozen=True, slots=True)
class Envelope(Generic[M_co]):
    """``message`` and its place in the chain. ``sent_at`` is the database's clock, UTC; ``attempt`` counts from 1.

    ``awaited`` says that a caller waits for the handler's answer; ``written_as`` is the version its sender wrote, where the
    handler asked for another one and got it converted.
    """

    id: UUID
    message: M_co
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    sent_at: datetime
    sequence: int | None = None
    delivery_id: int | None = None
    attempt: int = 1
    written_as: str = ""
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from when no message led to it: a deadline, or a person at the console."""

    correlation_id: UUID
    actor: str
    id: UUID | None = None
