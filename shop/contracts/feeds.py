"""Catalogue: uploaded files, and products that come as feeds: staged, compared, looked at, applied."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Http, Part, Query
from shop.contracts.fields import Count, Currency, Limit, Money, Name, Names, Text, UpToMostItems, UtcTime, Uuid

OWNER = "product-platform"

ImportStatus = Literal["STAGING", "READY", "APPLYING", "APPLIED", "REFUSED", "CANCELLED"]
# SKIPPED was new or changed in the preview and could not be applied as previewed.
RowKind = Literal["NEW", "CHANGED", "UNCHANGED", "REJECTED", "SKIPPED"]
LARGEST_FILE = 2**40
Bytes = Annotated[int, Field(ge=0, le=LARGEST_FILE)]


class UploadView(Part):
    """A file that was uploaded and waits for a command that says what it is for. Nobody's after a day."""

    upload_id: Uuid
    file_name: Name
    size: Bytes
    sha256: Annotated[str, Field(pattern="^[a-f0-9]{64}$")]


class RecordUpload(Command):
    """Remember a file that has just been stored, so that a later command can name it."""

    owner = OWNER
    key = "upload_id"
    response = UploadView

    upload_id: Uuid
    file_name: Name
    size: Bytes
    sha256: Annotated[str, Field(pattern="^[a-f0-9]{64}$")]


class DiscardFiles(Command):
    """Delete stored files that nothing refers to any more."""

    owner = OWNER

    names: Names


class PruneUploads(Command):
    """Remove files nobody has claimed for a day, and the rows of imports that ended long ago."""

    owner = OWNER

    limit: Annotated[Limit, Field(le=200)] = 200


class ImportView(Part):
    """How an import stands. ``progress`` is a percentage of the step it is in; counts are of rows of the file."""

    import_id: Uuid
    file_name: Name
    status: ImportStatus
    progress: Annotated[int, Field(ge=0, le=100)]
    rows: Count
    new: Count
    changed: Count
    unchanged: Count
    rejected: Count
    applied: Count
    skipped: Count
    reason: Text | None = None
    created_at: UtcTime
    finished_at: UtcTime | None = None


class ImportedFields(Part):
    """Fields of a product as a feed has them, or as they were. Price in minor units."""

    name: Name | None = None
    description: Text | None = None
    price: Money | None = None
    currency: Currency | None = None
    category: Name | None = None
    status: Name | None = None


class ImportRowView(Part):
    """One row of the file by its line: what it would set, and what is there before where that differs."""

    line: Count
    kind: RowKind
    sku: Name
    values: ImportedFields
    before: ImportedFields | None = None
    errors: Text | None = None


class ImportRowPage(Part):
    """Rows in the order of the file; ask again after the last one's line for more."""

    rows: Annotated[list[ImportRowView], UpToMostItems]


class StartProductImport(Command):
    """Read an uploaded CSV feed and compare it with the catalogue. Nothing changes until it is applied.

    An upload is imported once: asking again is answered with the same import.
    """

    owner = OWNER
    key = "upload_id"
    http = Http("POST", "/product-imports", (202, 400, 404))
    response = ImportView

    upload_id: Uuid


class StageProductImport(Command):
    """Read the next rows of a feed, from this byte on."""

    owner = OWNER
    key = "import_id"

    import_id: Uuid
    offset: Bytes


class ApplyProductImport(Command):
    """Make the catalogue what the preview says. Rows whose product has changed since are skipped."""

    owner = OWNER
    key = "import_id"
    http = Http("POST", "/product-imports/{importId}/apply", (202, 400, 404, 409))
    response = ImportView

    import_id: Uuid


class ApplyProductImportChunk(Command):
    """Apply the next rows of a feed, those after this line."""

    owner = OWNER
    key = "import_id"

    import_id: Uuid
    after_line: Count


class CancelProductImport(Command):
    """Stop an import. What it has applied already stays."""

    owner = OWNER
    key = "import_id"
    http = Http("POST", "/product-imports/{importId}/cancel", (200, 400, 404, 409))
    response = ImportView

    import_id: Uuid


class GetProductImport(Query):
    """One import."""

    owner = OWNER
    http = Http("GET", "/product-imports/{importId}", (200, 404))
    response = ImportView

    import_id: Uuid


class GetProductImportRows(Query):
    """The rows of an import, of one kind or all, page by page: the preview, and what came of it."""

    owner = OWNER
    http = Http("GET", "/product-imports/{importId}/rows", (200, 400, 404))
    response = ImportRowPage

    import_id: Uuid
    of_kind: RowKind | None = None
    after_line: Count = 0
    limit: Annotated[Limit, Field(le=200)] = 100
