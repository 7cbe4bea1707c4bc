"""The two views every endpoint is made of: a command executed, a query asked. Both speak contracts and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from shop.contracts.base import Command, Http, Message, Part, Query
from shop.http import idempotency, reading
from shop.http.addresses import client_ip
from shop.http.principal import Principal
from shop.http.replies import NO_CONTENT, Reply
from shop.messaging.bus import ask, execute, leaves_the_process
from shop.messaging.context import acting

CORRELATION = "X-Correlation-ID"


class MessageView(APIView):
    """One HTTP operation of one contract. Subclass ``CommandView`` or ``QueryView``, never this.

    ``scope`` is what staff and services need for it; left out it is ``<system>:read`` or ``:write`` after the module.
    ``filled`` names the fields that ``fill`` always sets itself, which a client therefore need not send; ``also`` the
    statuses it answers with beside its contract's.
    """

    scope: ClassVar[str | None] = None
    filled: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[int, ...]] = ()
    request: Request
    correlation_id: UUID

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if contract := cls.contract():
            method = http_of(contract).method.lower()
            cls.http_method_names = [method, "options", *(["head"] if method == "get" else [])]
            setattr(cls, method, cls.handle)

    @classmethod
    def contract(cls) -> type[Message] | None:
        """The message this view is about; ``None`` for the base classes."""
        raise NotImplementedError

    @classmethod
    def required_scope(cls) -> str:
        """The scope a member of staff or a service needs: ``catalog:write``, ``inventory:read``."""
        contract = cls.contract()
        right = "read" if contract is not None and issubclass(contract, Query) else "write"
        return cls.scope or f"{_department(cls.__module__)}:{right}"

    @property
    def principal(self) -> Principal:
        """Who makes this request."""
        return cast(Principal, self.request.user)

    def fill(self, data: dict[str, Any]) -> None:
        """Put into ``data`` (published names) what the server knows better than the client. It wins over what was sent."""

    def authorise(self, message: Any) -> None:
        """Raise ``Missing`` when ``message`` is about something that is somebody else's."""

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        self.correlation_id = _correlation_id(request.headers.get(CORRELATION, ""))
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if (request.method or "").lower() not in self.http_method_names:
            raise exceptions.MethodNotAllowed(request.method or "")
        if request.method == "OPTIONS":
            return
        super().initial(request, *args, **kwargs)
        request.principal = request.user  # type: ignore[attr-defined]

    def handle(self, request: Request, **captured: Any) -> HttpResponse:
        """Answer one request. Raises what ``shop.http.errors`` knows how to say."""
        with acting(self.principal.actor, self.correlation_id):
            return self.answer(request, captured)

    def answer(self, request: Request, captured: dict[str, Any]) -> HttpResponse:
        """The answer, inside the chain of this request."""
        raise NotImplementedError

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Which methods this address takes."""
        return HttpResponse(status=NO_CONTENT, headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        finished: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        finished.headers[CORRELATION] = str(self.correlation_id)
        return finished


class CommandView(MessageView):
    """Executes ``command`` and answers with its ``response`` and success status.

    Fields come from the address, the query string of a DELETE and the body, in that order of precedence. ``idempotent``
    says whether a POST takes an ``Idempotency-Key``.
    """

    command: ClassVar[type[Command]]
    idempotent: ClassVar[bool] = True

    @classmethod
    def contract(cls) -> type[Message] | None:
        return getattr(cls, "command", None)

    def execute(self, command: Any, before_commit: Callable[[Part | None], None] | None) -> Part | None:
        """Run the command; a view that must do something slow beforehand does it here."""
        result: Part | None = execute(command, before_commit=before_commit)
        return result

    def reply(self, answer: Any) -> Reply:
        """What the handler's answer becomes."""
        return Reply(http_of(self.command).success, answer.payload() if answer is not None else "")

    def answer(self, request: Request, captured: dict[str, Any]) -> HttpResponse:
        raw: bytes = request._request.body  # first: it raises for a body above the limit
        command = reading.read(self.command, self._data(request, raw, captured))
        self.authorise(command)
        header = request.headers.get(idempotency.HEADER)
        if header is None or request.method != "POST" or not self.idempotent:
            return self.reply(self.execute(command, None)).response()
        key = self._key(header, raw)
        if self._is_one_transaction():
            return idempotency.once_in_a_transaction(key, lambda begin, store: self._at_once(command, begin, store)).response()
        return idempotency.once(key, lambda store: self._stored(command, store)).response()

    def _is_one_transaction(self) -> bool:
        """Whether there is nothing slow beforehand, and nobody outside to talk to."""
        return type(self).execute is CommandView.execute and not leaves_the_process(self.command)

    def _at_once(self, command: Command, begin: Callable[[], None], store: idempotency.Store) -> Reply:
        def keep(answer: Part | None) -> None:
            store(self.reply(answer), self._customer(command, answer))

        return self.reply(execute(command, on_begin=begin, before_commit=keep))

    def _data(self, request: Request, raw: bytes, captured: dict[str, Any]) -> dict[str, Any]:
        data = reading.from_body(self.command, cast(dict[str, Any], request.data)) if raw.strip() else {}
        if request.method == "DELETE":
            data |= reading.from_query_string(self.command, request.query_params)
        data |= reading.from_path(self.command, captured)
        self.fill(data)
        return data

    def _key(self, header: str, raw: bytes) -> idempotency.Key:
        # Strangers are told apart by address, or one could be given another's answer for an easily guessed key.
        who = self.principal
        caller = who.actor if who.is_authenticated else f"{who.actor}@{client_ip(self.request._request)}"
        request = self.request
        return idempotency.key_for(header, caller=caller, method=request.method or "", path=request.path, body=raw)

    def _stored(self, command: Command, store: idempotency.Store) -> Reply:
        return self.reply(self.execute(command, lambda answer: store(self.reply(answer), self._customer(command, answer))))

    def _customer(self, command: Command, answer: Part | None) -> UUID | None:
        """Whom the answer is about: whoever the command or the answer names, else whoever asks."""
        named = getattr(command, "customer_id", None) or getattr(answer, "customer_id", None)
        return named if isinstance(named, UUID) else self.principal.customer_id


class QueryView(MessageView):
    """Asks ``query`` and answers with its ``response``. Fields come from the address and the query string."""

    query: ClassVar[type[Query]]

    @classmethod
    def contract(cls) -> type[Message] | None:
        return getattr(cls, "query", None)

    def admit(self, answer: Any) -> None:
        """Raise ``Missing`` when the answer turns out to be about somebody else."""

    def shown(self, answer: Any) -> Any:
        """What this reader gets to see of the answer."""
        return answer

    def answer(self, request: Request, captured: dict[str, Any]) -> HttpResponse:
        data = reading.from_query_string(self.query, request.query_params)
        data |= reading.from_path(self.query, captured)
        self.fill(data)
        query = reading.read(self.query, data)
        self.authorise(query)
        answer = ask(query)
        self.admit(answer)
        return Reply(http_of(self.query).success, self.shown(answer).payload()).response()


def http_of(contract: type[Message]) -> Http:
    """The HTTP operation of a contract. Raises ``TypeError`` for a message that has none."""
    if contract.http is None:
        raise TypeError(f"{contract.full_name()} is not an HTTP operation")
    return contract.http


@cache
def _department(module: str) -> str:
    """``shop.carts.api`` → ``carts``, ``catalog.products.api`` → ``catalog``, ``fulfilment.inventory.api`` → ``inventory``."""
    first, *rest = module.split(".")
    return rest[0] if first in {"shop", "fulfilment"} and rest else first


def _correlation_id(header: str) -> UUID:
    try:
        return UUID(header)
    except ValueError:
        return uuid7()
