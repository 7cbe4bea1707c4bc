"""Filling large tables: their indexes and foreign keys are taken away and made again afterwards, all in one transaction.

An index built at once costs a sort; kept up row by row it costs a walk per row. A foreign key checked at once is one join. Either
the transaction commits with all of them or nothing has happened. Primary keys and unique constraints stay: they are promised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from shop.messaging.sets import fetch_rows, run

INDEXES: Final = """
    SELECT format('DROP INDEX %%s', x.indexrelid::regclass),
           replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ')  -- of a partitioned table: on its partitions too
    FROM pg_index x
    WHERE x.indrelid = ANY(%s::regclass[]::oid[]) AND NOT x.indisprimary
      AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid)
      AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = x.indexrelid)
    ORDER BY x.indexrelid
"""
FOREIGN_KEYS: Final = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = ANY(%s::regclass[]::oid[]) AND c.conparentid = 0
    ORDER BY c.oid
"""


@contextmanager
def bare(tables: Collection[str]) -> Iterator[None]:
    """Within a transaction: without the indexes and foreign keys of ``tables``, which are exactly as before at the end."""
    names = sorted(tables)
    foreign_keys, indexes = fetch_rows(FOREIGN_KEYS, [names]), fetch_rows(INDEXES, [names])
    for drop, _ in (*foreign_keys, *indexes):
        run(drop)
    yield
    for _, make in (*indexes, *foreign_keys):
        run(make.replace("%", "%%"))  # conditions with LIKE have some
