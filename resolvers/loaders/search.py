"""What staff decided about search: words and rules, and the names of what may be filtered by."""

from typing import Final

from sqlalchemy import any_, select

from core.identity import Permission
from models.catalog import Attribute
from models.search import SearchRule, SearchVocabulary
from resolvers.loaders.base import KEYS, Relation, Snapshot
from resolvers.scope import permitted_everywhere

VOCABULARIES: Final = Snapshot(select(*SearchVocabulary.__table__.c))
ACTIVE_RULES: Final = Snapshot(
    select(
        SearchRule.query.label("id"), SearchRule.pinned, SearchRule.boosted, SearchRule.buried
    ).where(SearchRule.is_active)
)
FILTERABLE: Final = Snapshot(
    select(
        Attribute.id,
        Attribute.slug,
        Attribute.name,
        Attribute.kind,
        Attribute.choices,
        Attribute.position,
    ).where(Attribute.is_filterable)
)
SEARCH_RULES: Final = Relation(
    select(*SearchRule.__table__.c).where(
        SearchRule.id == any_(KEYS), permitted_everywhere(Permission.MANAGE_TAXONOMY)
    ),
    key="id",
)
