"""Mutations of the catalogue."""

import strawberry

from schema.catalog.media_mutations import MediaMutation
from schema.catalog.product_mutations import ProductMutation
from schema.catalog.taxonomy_mutations import TaxonomyMutation
from schema.catalog.variant_mutations import VariantMutation


@strawberry.type
class CatalogMutation(ProductMutation, VariantMutation, MediaMutation, TaxonomyMutation):
    pass
