"""Imports over HTTP, for staff and services with ``catalog:write``; and the files that come of them."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.feeds.exporting import errors_as_csv, products_as_csv
from shop.console.downloads import as_file
from shop.contracts.feeds import (
    ApplyProductImport,
    CancelProductImport,
    GetProductImport,
    GetProductImportRows,
    StartProductImport,
)
from shop.http import reading
from shop.http.permissions import IsStaffOrService
from shop.http.views import CommandView, QueryView
from shop.messaging.bus import ask
from shop.messaging.errors import Invalid


class StartProductImportView(CommandView):
    """``POST /product-imports``"""

    command = StartProductImport
    permission_classes = (IsStaffOrService,)


class GetProductImportView(QueryView):
    """``GET /product-imports/{importId}``"""

    query = GetProductImport
    permission_classes = (IsStaffOrService,)


class GetProductImportRowsView(QueryView):
    """``GET /product-imports/{importId}/rows``"""

    query = GetProductImportRows
    permission_classes = (IsStaffOrService,)


class ApplyProductImportView(CommandView):
    """``POST /product-imports/{importId}/apply``"""

    command = ApplyProductImport
    permission_classes = (IsStaffOrService,)


class CancelProductImportView(CommandView):
    """``POST /product-imports/{importId}/cancel``"""

    command = CancelProductImport
    permission_classes = (IsStaffOrService,)


class CsvView(APIView):
    """A file that is read while it is sent."""

    permission_classes = (IsStaffOrService,)
    http_method_names = ["get"]
    schema = None

    @classmethod
    def required_scope(cls) -> str:
        """What staff and services need."""
        return "catalog:read"


class ExportProductsView(CsvView):
    """``GET /exports/products?status=ACTIVE``"""

    def get(self, request: Request) -> HttpResponseBase:
        """Every product, or those of one status."""
        status = request.query_params.get("status", "")
        if status not in {"", "DRAFT", "ACTIVE", "ARCHIVED"}:
            raise Invalid("invalid", reading.WRONG, errors={"status": ["There is no such status."]})
        return as_file("products.csv", products_as_csv(status))


class ImportErrorsView(CsvView):
    """``GET /product-imports/{importId}/errors``"""

    def get(self, _request: Request, import_id: str) -> HttpResponseBase:
        """The rows that were rejected or skipped."""
        query = reading.read(GetProductImport, {"importId": import_id})
        ask(query)
        return as_file("errors.csv", errors_as_csv(query.import_id))
