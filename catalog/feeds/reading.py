"""Reading a CSV feed from any byte on, so that a chunk can begin where the last one was committed."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any, Final, Self

REQUIRED: Final = ("sku", "name", "price", "currency")
OPTIONAL: Final = ("description", "category", "status")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
DELIMITERS: Final = (",", ";", "\t")
LONGEST_LINE: Final = 200_000  # bytes
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")

csv.field_size_limit(min(sys.maxsize, LONGEST_LINE))


class BadFile(Exception):
    """The file as a whole is no feed; the message says why and where, in a sentence."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a feed is written: its delimiter, which cell holds which column, and the byte and line its first row begins at."""

    delimiter: str
    width: int
    columns: Mapping[str, int]
    offset: int
    line: int

    def data(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From what ``data()`` gave."""
        return cls(**data)


@dataclass(slots=True)
class Row:
    """One record: the line it begins in, its cells, and the byte and line after it."""

    line: int
    cells: Sequence[str]
    offset: int
    next_line: int


def layout_of(file: IO[bytes]) -> Layout:
    """What the header says. Raises ``BadFile`` for a wrong encoding or header, naming what is wrong with it."""
    file.seek(0)
    start = file.read(4)
    if start.startswith(UTF_16) or b"\x00" in start:
        raise BadFile("The file is UTF-16 or binary. Save it as CSV in UTF-8.")
    skipped = len(BYTE_ORDER_MARK) if start.startswith(BYTE_ORDER_MARK) else 0
    delimiter = _delimiter(file, skipped)
    header = next(_records(file, skipped, 1, delimiter), None)
    if header is None:
        raise BadFile("The file is empty.")
    names = [cell.strip().lower() for cell in header.cells]
    _check_header(names)
    columns: dict[str, int] = {name: names.index(name) for name in COLUMNS if name in names}
    return Layout(delimiter, len(names), columns, header.offset, header.next_line)


def rows_of(file: IO[bytes], layout: Layout, offset: int, line: int) -> Iterator[Row]:
    """The records from this byte on, which is in this line. Empty lines are passed over. Raises ``BadFile``."""
    return _records(file, offset, line, layout.delimiter)


def _delimiter(file: IO[bytes], skipped: int) -> str:
    file.seek(skipped)
    first = file.readline(LONGEST_LINE)
    counts = {delimiter: first.count(delimiter.encode()) for delimiter in DELIMITERS}
    return max(counts, key=lambda delimiter: counts[delimiter])


def _check_header(names: Sequence[str]) -> None:
    if missing := [name for name in REQUIRED if name not in names]:
        raise BadFile(f"The first line has to name the columns; {_list(missing)} missing. It may have {', '.join(COLUMNS)}.")
    if unknown := [name[:40] or "a column without a name" for name in names if name not in COLUMNS]:
        raise BadFile(f"The first line has columns we do not know: {', '.join(unknown)}. It may have {', '.join(COLUMNS)}.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadFile(f"The first line names {', '.join(twice)} more than once.")


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _records(file: IO[bytes], offset: int, line: int, delimiter: str) -> Iterator[Row]:
    lines = _Lines(file, offset, line)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begins = lines.line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"Line {begins} cannot be read as CSV: {error}.") from None
        if cells:
            yield Row(begins, cells, lines.offset, lines.line)


class _Lines:
    """The lines of a file as text, counted in bytes and lines. ``offset`` and ``line`` are those of the next one."""

    def __init__(self, file: IO[bytes], offset: int, line: int) -> None:
        self._file, self.offset, self.line = file, offset, line
        file.seek(offset)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            raise StopIteration
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raise BadFile(f"Line {self.line} has more than {LONGEST_LINE:,} bytes. Do lines end with a line feed?")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise BadFile(f"Line {self.line} is not UTF-8. Save the file as CSV in UTF-8.") from None
        self.offset += len(raw)
        self.line += 1
        return text
