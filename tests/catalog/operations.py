"""Operations of the tests on mutations of the catalogue, and inputs that are right."""

from typing import Any

from tests.catalog.conftest import Stage

ERRORS = """userErrors {
  __typename code message field
  ... on Taken { value } ... on OptionsMismatch { sku option } ... on NotPublishable { missing }
  ... on NotFound { kind } ... on VersionConflict { currentVersion }
  ... on PermissionMissing { permission } ... on AttributeInUse { slug }
}"""
CREATE = f"""mutation($input: ProductCreateInput!) {{ productCreate(input: $input) {{
  product {{
    id slug name summary description status version merchant {{ name }} category {{ slug }}
    brand {{ slug }} productType {{ slug }} options {{ slug name values {{ slug name }} }}
    attributes {{ slug value }} priceRange {{ start {{ amount }} stop {{ amount }} }}
    variants {{ id sku name position options {{ option value }} price {{ amount }}
      compareAtPrice {{ amount }} barcode weightGrams minimumQuantity isActive version }}
  }}
  {ERRORS}
}} }}"""
UPDATE = f"""mutation($input: ProductUpdateInput!) {{ productUpdate(input: $input) {{
  product {{ slug name summary description version brand {{ slug }} category {{ slug }}
    options {{ slug }} attributes {{ slug value }} }}
  {ERRORS}
}} }}"""
PUBLISH = f"""mutation($input: ProductPublishInput!) {{ productPublish(input: $input) {{
  product {{ slug status version publishedAt }} {ERRORS}
}} }}"""
DELETE = f"""mutation($input: ProductDeleteInput!) {{ productDelete(input: $input) {{
  product {{ status version }} {ERRORS}
}} }}"""
BULK = f"""mutation($input: VariantsBulkUpsertInput!) {{ variantsBulkUpsert(input: $input) {{
  results {{
    variant {{ id sku barcode position weightGrams version options {{ option value }}
      price {{ amount }} }}
    errors {{ __typename message field }}
  }}
  {ERRORS}
}} }}"""
PRICES = f"""mutation($input: VariantPriceSetInput!) {{ variantPriceSet(input: $input) {{
  variants {{ sku price {{ amount currency }} compareAtPrice {{ amount }} version }} {ERRORS}
}} }}"""


def text(english: str, chinese: str | None = None) -> list[dict[str, str]]:
    texts = [{"language": "en", "text": english}]
    return texts + ([{"language": "zh-Hans", "text": chinese}] if chinese else [])


def size_option(*sizes: str) -> dict[str, Any]:
    values = [{"slug": size, "name": text(size.upper())} for size in sizes]
    return {"slug": "size", "name": text("Size"), "values": values}


def variant(sku: str, size: str, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    return {
        "sku": sku,
        "options": [{"option": "size", "value": size}],
        "prices": [{"currency": "USD", "amount": amount}],
        **more,
    }


def new_product(stage: Stage, **more: Any) -> dict[str, Any]:
    """A shirt in two sizes."""
    return {
        "merchantId": stage.gid("merchant"),
        "categoryId": stage.gid("category"),
        "name": text("Linen Shirt", "亚麻衬衫"),
        "options": [size_option("s", "l")],
        "variants": [variant("S-1", "s"), variant("L-1", "l", "12.50")],
        **more,
    }


async def created(stage: Stage, **more: Any) -> dict[str, Any]:
    """The product of a `productCreate` that worked."""
    answer = (await stage.ann(CREATE, input=new_product(stage, **more)))["productCreate"]
    assert answer["userErrors"] == []
    product: dict[str, Any] = answer["product"]
    return product


def own(statements: list[str]) -> list[str]:
    """Without those that find out who asks: they are remembered for a second."""
    return [each for each in statements if " sessions" not in each and "memberships" not in each]
