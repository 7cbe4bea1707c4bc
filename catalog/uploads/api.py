"""Files over HTTP: the body is the file. What it is for is said by a command that names the upload."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpResponse
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.uploads.keeping import keep
from shop.http.permissions import IsStaffOrService
from shop.http.principal import Principal
from shop.http.replies import Reply
from shop.messaging.context import acting
from shop.messaging.errors import Refused

CREATED = 201
LENGTH_REQUIRED = 411
FORMS = ("multipart/", "application/x-www-form-urlencoded")


class _AsItIs(BaseParser):
    """Anything but a form; it is read by the view, piece by piece."""

    media_type = "*/*"


class UploadView(APIView):
    """``POST /uploads``: 201 with ``uploadId``; 411 without a length, 413 above ``UPLOAD_MAX_BYTES``."""

    permission_classes = (IsStaffOrService,)
    parser_classes = (_AsItIs,)
    http_method_names = ["post"]
    schema = None
    correlation_id: UUID

    @classmethod
    def required_scope(cls) -> str:
        """What staff and services need."""
        return "catalog:write"

    def post(self, request: Request) -> HttpResponse:
        """Store the body."""
        kind = request.content_type or ""
        if kind.startswith(FORMS):
            raise UnsupportedMediaType(kind)
        if "Transfer-Encoding" in request.headers:
            raise Refused("length_required", "Say how long the file is: send Content-Length.", status=LENGTH_REQUIRED)
        principal, raw = cast(Principal, request.user), cast(Any, request._request)
        with acting(principal.actor):
            view = keep(raw.read, unquote(request.headers.get("X-File-Name", "")))
        return Reply(CREATED, view.payload()).response()
