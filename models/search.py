"""What search knows and keeps: documents, what waits, words, what staff decided, what was asked.

A group of its own: product ids are no foreign keys.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Double, Index, Sequence, Uuid, func
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, HasVersion, c_text, minor, not_negative, positive

# Taken when a document is written, under the lock of its `search_changes` row: a later version of
# a product's document was read later.
VERSIONS: Final = Sequence("search_versions", metadata=Base.metadata)


class SearchDocument(Base):
    """What search knows of a product; one that nobody may find is kept as an empty tombstone.

    document: all of it, as JSON. The columns beside it are for PostgreSQL's search.
    category_ids: from the root to its own. attributes: `slug=value`. codes: SKUs and barcodes.
    terms: what it is found by, its words and everything it can be narrowed down by, without places:
    read in the index only. ranked: what tells how well it fits, short, in the row itself (both are
    explained in search/standin/lexemes.py). standing: what its score is multiplied with.
    """

    __tablename__ = "search_documents"
    __table_args__ = (
        Index("ix_search_documents_version", "version"),
        Index("ix_search_documents_terms", "terms", postgresql_using="gin"),
    )

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    is_listed: Mapped[bool]
    document: Mapped[dict[str, Any]] = mapped_column(default=dict)
    merchant_id: Mapped[UUID | None]
    product_type_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    category_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list)
    attributes: Mapped[list[str]] = mapped_column(default=list)
    codes: Mapped[list[str]] = mapped_column(default=list)
    price_minor: Mapped[int] = minor(default=0)
    in_stock: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int] = mapped_column(default=0)
    units_sold: Mapped[int] = mapped_column(BigInteger, default=0)
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    terms: Mapped[str] = mapped_column(TSVECTOR, default="")
    ranked: Mapped[str] = mapped_column(TSVECTOR, default="")
    standing: Mapped[float] = mapped_column(Double(), default=1.0)


class SearchChange(Base):
    """A product whose document is to be made anew; whoever takes the row away makes it.

    is_bulk: one of very many that changed together; the others go first.
    """

    __tablename__ = "search_changes"
    __table_args__ = (Index("ix_search_changes_since", "is_bulk", "since"),)

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_bulk: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class SearchPush(Base):
    """A document that Elasticsearch does not have in this version yet."""

    __tablename__ = "search_pushes"
    __table_args__ = (Index("ix_search_pushes_version", "version"),)

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class SearchDeadLetter(Base):
    """A document that Elasticsearch refused, and why; gone when a later version is taken."""

    __tablename__ = "search_dead_letters"

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SearchWord(Base):
    """A word that documents have, as it is written: what typing errors are compared with."""

    __tablename__ = "search_words"

    word: Mapped[str] = c_text(primary_key=True)


class SearchVocabulary(HasId, HasVersion, HasTimes, Base):
    """What staff decided about words; one row, or none yet.

    synonyms: of each set its `phrases`, which mean the same; with `typed`, who types that also
    finds the phrases, not the reverse. stop_words: are not searched for beside others.
    """

    __tablename__ = "search_vocabularies"

    synonyms: Mapped[list[Any]] = mapped_column(default=list)
    stop_words: Mapped[list[str]] = mapped_column(default=list)


class SearchRule(HasId, HasVersion, HasTimes, Base):
    """What staff wants for a query: products first, higher, or last.

    query: normalised, as `search.words` does. boosted: product id -> factor in hundredths.
    """

    __tablename__ = "search_rules"

    query: Mapped[str] = c_text(unique=True)
    pinned: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list)
    boosted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    buried: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list)
    is_active: Mapped[bool] = mapped_column(default=True)


class SearchedQuery(Base):
    """How often a query was asked on a day in a language, and how it went.

    took_ms: the sum. without_results: how many of the searches found nothing. last_total: what the
    last one found that chose nothing beside its words; null: there was none that counted. query:
    empty for the sums of rare ones, once these are old.
    """

    __tablename__ = "searched_queries"
    __table_args__ = (
        positive("searches"),
        not_negative("without_results"),
        CheckConstraint("without_results <= searches", name="without_results_bounded"),
        Index("ix_searched_queries_query", "query", "day"),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str] = c_text(primary_key=True)
    searches: Mapped[int] = mapped_column(BigInteger)
    without_results: Mapped[int] = mapped_column(BigInteger)
    degraded: Mapped[int] = mapped_column(BigInteger)
    took_ms: Mapped[int] = mapped_column(BigInteger)
    last_total: Mapped[int | None] = mapped_column(BigInteger)
