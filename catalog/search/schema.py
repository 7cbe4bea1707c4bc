"""What of the index only SQL can say: the partitioned table, its indexes, and how a product becomes words.

Migrations run these texts; a change to one of them is a migration of its own and a rebuild.
"""

from typing import Final

EXTENSIONS: Final = ("CREATE EXTENSION IF NOT EXISTS unaccent", "CREATE EXTENSION IF NOT EXISTS pg_trgm")

# The plain form of a text, for documents and queries alike: no accents, lower case, ASCII punctuation as blanks.
PLAIN: Final = r"""
    CREATE OR REPLACE FUNCTION catalog_search_plain(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT btrim(regexp_replace(lower(unaccent(given)), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g'))
    $$
"""
# Name (A), SKU (B) and category (C), stemmed and as they are: a beginning of a word is no stem. And two terms that no text can
# contain, for what is called exactly so.
HEAD: Final = """
    CREATE OR REPLACE FUNCTION catalog_search_head(config regconfig, name text, sku text, category text)
    RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT setweight(to_tsvector(config, catalog_search_plain(name)), 'A')
            || setweight(to_tsvector('simple', catalog_search_plain(name)), 'A')
            || setweight(to_tsvector('simple', catalog_search_plain(sku)), 'B')
            || setweight(to_tsvector(config, catalog_search_plain(category)), 'C')
            || setweight(to_tsvector('simple', catalog_search_plain(category)), 'C')
            || array_to_tsvector(ARRAY[
                '=n:' || left(catalog_search_plain(name), 500), '=s:' || left(catalog_search_plain(sku), 500)])
    $$
"""
# Terms that filters ask for: the category, and a quarter of an octave of price.
TERMS: Final = """
    CREATE OR REPLACE FUNCTION catalog_search_terms(category text, price bigint)
    RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(ARRAY['=c:' || category, '=p:' || floor(4 * ln(price + 1) / ln(2.0))::int])
    $$
"""
WORDS: Final = """
    CREATE OR REPLACE FUNCTION catalog_search_words(head tsvector, config regconfig, description text, terms tsvector)
    RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT head || to_tsvector(config, catalog_search_plain(left(description, 2000))) || terms
    $$
"""
FUNCTIONS: Final = (PLAIN, HEAD, TERMS, WORDS)
NO_FUNCTIONS: Final = (
    "DROP FUNCTION IF EXISTS catalog_search_words(tsvector, regconfig, text, tsvector)",
    "DROP FUNCTION IF EXISTS catalog_search_terms(text, bigint)",
    "DROP FUNCTION IF EXISTS catalog_search_head(regconfig, text, text, text)",
    "DROP FUNCTION IF EXISTS catalog_search_plain(text)",
)

TABLE: Final = """
    CREATE TABLE catalog_searchdocument (
        half smallint NOT NULL, product_id uuid NOT NULL, sequence bigint NOT NULL, version bigint NOT NULL,
        sku varchar(200) NOT NULL, name varchar(200) NOT NULL, description text NOT NULL, category varchar(200) NOT NULL,
        price bigint NOT NULL, currency varchar(3) NOT NULL,
        status varchar(8) NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'ARCHIVED', 'DELETED')),
        rating double precision NOT NULL DEFAULT 0, reviews integer NOT NULL DEFAULT 0, rated_at timestamptz,
        changed_at timestamptz NOT NULL, indexed_at timestamptz NOT NULL DEFAULT now(),
        name_words smallint NOT NULL, head tsvector NOT NULL, words tsvector NOT NULL,
        PRIMARY KEY (half, product_id)
    ) PARTITION BY LIST (half)
"""
# A search reads what it ranks and shows of a thousand rows at random; what only indexes and updates need is kept elsewhere
# (TOAST), so that three times as many of those rows fit into memory.
PARTITIONS: Final = tuple(
    statement.format(half=half)
    for half in (1, 2)
    for statement in (
        """CREATE TABLE catalog_searchdocument_{half} PARTITION OF catalog_searchdocument FOR VALUES IN ({half}) WITH (
               toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)""",
        "ALTER TABLE catalog_searchdocument_{half} ALTER COLUMN words SET STORAGE EXTERNAL",
        "ALTER TABLE catalog_searchdocument_{half} ALTER COLUMN head SET STORAGE MAIN",
    )
)
# What the public may find is in an index of its own, so that nothing else costs it anything.
INDEXES: Final = (
    "CREATE INDEX search_public ON catalog_searchdocument USING gin (words) WHERE status = 'ACTIVE'",
    "CREATE INDEX search_staff ON catalog_searchdocument USING gin (words) WHERE status IN ('DRAFT', 'ARCHIVED')",
    "CREATE INDEX search_price ON catalog_searchdocument (price, product_id) WHERE status = 'ACTIVE'",
    "CREATE INDEX search_rating ON catalog_searchdocument (rating DESC, product_id) WHERE status = 'ACTIVE'",
    "CREATE INDEX search_sku ON catalog_searchdocument (sku)",
    "CREATE INDEX search_unseen ON catalog_searchdocument (status, product_id) WHERE status <> 'ACTIVE'",
)
WORD_INDEXES: Final = (
    "CREATE INDEX search_word_alike ON catalog_searchword USING gist (word gist_trgm_ops)",
    "CREATE INDEX search_word_beginning ON catalog_searchword (half, word text_pattern_ops)",
)
