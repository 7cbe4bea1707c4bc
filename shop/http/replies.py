"""An answer before it becomes an HTTP response, so that it can be stored and given again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

from django.http import HttpResponse

NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Reply:
    """``body`` is JSON text, empty for 204."""

    status: int
    body: str = ""
    replayed: bool = False

    @classmethod
    def of(cls, data: dict[str, object], *, status: int) -> Self:
        """A reply whose body is this JSON-ready data."""
        return cls(status, json.dumps(data))

    def response(self) -> HttpResponse:
        """What goes out."""
        if self.status == NO_CONTENT:
            response = HttpResponse(status=NO_CONTENT)
            del response["Content-Type"]
        else:
            response = HttpResponse(self.body or "{}", status=self.status, content_type="application/json")
        if self.replayed:
            response["Idempotent-Replayed"] = "true"
        return response
