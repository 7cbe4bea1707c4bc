"""The chain one message is part of, as a tree: what caused it above, what followed below."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.urls import reverse

from shop.console.sections import Node, Tree
from shop.console.timeline import Chain, read_chain
from shop.messaging.models import Message
from shop.messaging.states import DeliveryStatus

DEEPEST: Final = 60  # a chain deeper than this is drawn flat from there on
TONES: Final = {
    DeliveryStatus.DEAD: "bad",
    DeliveryStatus.DISCARDED: "warn",
    DeliveryStatus.OPEN: "busy",
    DeliveryStatus.LEASED: "busy",
}


def tree_of(message: Message) -> Tree:
    """The whole chain, with this message marked, below whatever set it off from another chain."""
    chain = read_chain([message.correlation_id])
    known = {one.id for one in chain.messages}
    roots = [one for one in chain.messages if one.causation_id not in known]
    before = Message.objects.filter(id__in={root.causation_id for root in roots if root.causation_id}).order_by("id")
    origins = list(before)
    known |= {one.id for one in origins}
    tops = [*origins, *(root for root in roots if root.causation_id not in known)]
    nodes = [_node(top, chain, message.id, 0) for top in tops]
    note = f"Only the first and the last of its messages are shown, {len(chain.messages)} in all." if chain.cut else ""
    return Tree("What caused and followed it", nodes, note)


def _node(message: Message, chain: Chain, here: UUID, depth: int) -> Node:
    below = chain.followers.get(message.id, ()) if depth < DEEPEST else ()
    tone, note = _standing(message, chain)
    return Node(
        title=message.name,
        url=reverse("admin:messaging_message_change", args=[message.id]),
        tone=tone,
        at=message.created_at,
        note=note,
        here=message.id == here,
        children=[_node(follower, chain, here, depth + 1) for follower in below],
    )


def _standing(message: Message, chain: Chain) -> tuple[str, str]:
    for status in (DeliveryStatus.DEAD, DeliveryStatus.DISCARDED, DeliveryStatus.LEASED, DeliveryStatus.OPEN):
        if any(delivery.status == status for delivery in chain.deliveries.get(message.id, ())):
            return TONES[status], f"{message.kind}, {status.label.lower()}"
    return "good" if message.kind == "command" else "plain", message.kind
