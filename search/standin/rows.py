"""Writing documents where PostgreSQL finds them, and what Elasticsearch does not have yet."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.search import VERSIONS, SearchDocument, SearchPush, SearchWord
from search.documents import Document, to_json
from search.standin.terms import Indexed, indexed
from search.standing import standing
from services.recordset import recordset, table_of


async def write(
    session: AsyncSession, documents: Sequence[Document], gone: Sequence[UUID], *, push: bool
) -> None:
    """Keep what search knows of products: three statements at most, whatever their number.

    The caller holds what makes one writer of a product wait for the other (its `search_changes`
    row): versions are taken in here.

    gone: products that nobody may find any more: what is kept of them becomes a tombstone.
    push: Elasticsearch is to get them, too.
    """
    if documents:
        statement = _KEEP_AND_PUSH if push else _KEEP
        # In a thread: milliseconds for each, and a worker has other things to do.
        rows, words = await asyncio.to_thread(_prepared, _in_order(documents))
        await session.execute(statement, {"rows": rows})
        await session.execute(_LEARN, {"words": words})
    if gone:
        statement = _BURY_AND_PUSH if push else _BURY
        await session.execute(statement, {"gone": list(gone)})


def _prepared(documents: Sequence[Document]) -> tuple[list[dict[str, Any]], list[str]]:
    """Their rows, and all words in them, in order."""
    found = [indexed(document) for document in documents]
    rows = [_row(document, its) for document, its in zip(documents, found, strict=True)]
    return rows, sorted(set().union(*(its.words for its in found)))


def _in_order(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: document.product_id)


def _row(document: Document, its: Indexed) -> dict[str, Any]:
    plain = to_json(document)
    row = {name: plain[name] for name in _PLAIN}
    return row | {
        "document": plain,
        "terms": its.terms,
        "ranked": its.ranked,
        "standing": standing(document),
    }


_PLAIN: Final = (
    *("product_id", "merchant_id", "product_type_id", "brand_id", "category_ids", "attributes"),
    *("codes", "price_minor", "in_stock", "rating", "units_sold", "published_at"),
)
_GIVEN: Final = (*_PLAIN, "document", "terms", "ranked", "standing")
_documents = table_of(SearchDocument)
_words = table_of(SearchWord)


def _keep() -> Insert:
    given = recordset(SearchDocument, *_GIVEN)
    added = insert(_documents).from_select(
        [*_GIVEN, "is_listed", "version"],
        select(
            *given.c, literal_column("true"), func.nextval(literal_column(f"'{VERSIONS.name}'"))
        ),
        include_defaults=False,
    )
    changed = {name: added.excluded[name] for name in (*_GIVEN, "is_listed", "version")}
    del changed["product_id"]
    return added.on_conflict_do_update(index_elements=["product_id"], set_=changed)


def _bury() -> Any:
    """Empty all columns: no word and no choice finds it."""
    empty: dict[str, Any] = dict.fromkeys(
        ("category_ids", "attributes", "codes"), literal_column("'{}'")
    )
    empty |= dict.fromkeys(("terms", "ranked"), literal_column("''"))
    gone = any_(bindparam("gone", type_=ARRAY(Uuid())))
    return (
        update(_documents)
        .where(_documents.c.product_id == gone, _documents.c.is_listed)
        .values(
            **empty,
            document=literal_column("'{}'"),
            is_listed=False,
            version=func.nextval(literal_column(f"'{VERSIONS.name}'")),
        )
    )


def _pushed(change: Any) -> Insert:
    written = change.returning(_documents.c.product_id, _documents.c.version).cte("written")
    added = insert(table_of(SearchPush)).from_select(["product_id", "version"], select(*written.c))
    return added.on_conflict_do_update(
        index_elements=["product_id"], set_={"version": added.excluded.version}
    )


_KEEP: Final = _keep()
_KEEP_AND_PUSH: Final = _pushed(_keep())
_BURY: Final = _bury()
_BURY_AND_PUSH: Final = _pushed(_bury())

_new = func.unnest(bindparam("words", type_=ARRAY(Text()))).table_valued("word")
_new = _new.render_derived(name="new")
_is_known = exists().where(_words.c.word == _new.c.word)
# In order, so that two writers of the same new words wait for one another and do not deadlock.
_LEARN: Final = (
    insert(_words)
    .from_select(["word"], select(_new.c.word).where(~_is_known).order_by(_new.c.word))
    .on_conflict_do_nothing()
)
