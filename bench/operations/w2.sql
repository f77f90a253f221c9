-- The same answer in one statement. $1: the slug.
SELECT json_build_object('data', json_build_object('product', json_build_object(
    'id', 'product_' || replace(products.id::text, '-', ''),
    'name', products.name ->> 'en',
    'slug', products.slug,
    'summary', summary ->> 'en',
    'description', (
        SELECT description ->> 'en' FROM product_texts WHERE product_id = products.id),
    'publishedAt', to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'merchant', json_build_object(
        'id', 'merchant_' || replace(merchants.id::text, '-', ''),
        'name', merchants.name, 'slug', merchants.slug),
    'brand', json_build_object(
        'id', 'brand_' || replace(brands.id::text, '-', ''),
        'name', brands.name, 'slug', brands.slug),
    'category', json_build_object(
        'id', 'category_' || replace(categories.id::text, '-', ''),
        'name', categories.name ->> 'en',
        'slug', categories.slug,
        'ancestors', (
            WITH RECURSIVE way AS (
                SELECT id, name, slug, parent_id, 1 AS steps
                FROM categories AS above WHERE id = categories.parent_id
                UNION ALL
                SELECT above.id, above.name, above.slug, above.parent_id, steps + 1
                FROM way JOIN categories AS above ON above.id = way.parent_id
            )
            SELECT json_agg(json_build_object(
                'id', 'category_' || replace(id::text, '-', ''),
                'name', name ->> 'en', 'slug', slug) ORDER BY steps DESC)
            FROM way)),
    'rating', json_build_object('average', rating_average / 100.0::float8, 'count', rating_count),
    'media', (
        SELECT json_agg(json_build_object(
            '__typename', 'Image',
            'id', 'media_' || replace(id::text, '-', ''),
            'url', '/media/' || path,
            'alt', alt ->> 'en',
            'width', width,
            'height', height,
            'thumbnail', '/media/' || (thumbnails ->> 'large')
        ) ORDER BY position, id)
        FROM product_media WHERE product_id = products.id),
    'attributes', (
        SELECT json_agg(json_build_object(
            'slug', slug, 'name', name ->> 'en', 'kind', kind, 'value', value
        ) ORDER BY position, slug, value)
        FROM product_attribute_values JOIN attributes ON attributes.id = attribute_id
        WHERE product_id = products.id),
    'options', (
        SELECT json_agg(json_build_object(
            'slug', option ->> 'slug',
            'name', option -> 'name' ->> 'en',
            'values', (
                SELECT json_agg(json_build_object(
                    'slug', value ->> 'slug', 'name', value -> 'name' ->> 'en'))
                FROM jsonb_array_elements(option -> 'values') AS value)))
        FROM jsonb_array_elements(options) AS option),
    'priceRange', json_build_object(
        'start', json_build_object(
            'amount', round(price_min_minor / 100.0, 2)::text, 'currency', 'USD'),
        'stop', json_build_object(
            'amount', round(price_max_minor / 100.0, 2)::text, 'currency', 'USD')),
    'variants', (
        SELECT json_agg(json_build_object(
            'id', 'variant_' || replace(variants.id::text, '-', ''),
            'sku', sku,
            'name', variants.name ->> 'en',
            'weightGrams', weight_grams,
            'options', (
                SELECT json_agg(json_build_object('option', key, 'value', value))
                FROM jsonb_each_text(variants.options)),
            'price', json_build_object(
                'amount', round(amount_minor / 100.0, 2)::text,
                'currency', 'USD', 'minorUnits', amount_minor::text),
            'compareAtPrice', CASE WHEN compare_at_minor IS NOT NULL THEN json_build_object(
                'amount', round(compare_at_minor / 100.0, 2)::text, 'currency', 'USD') END,
            'quantityAvailable', least(99, available),
            'availability', CASE WHEN available > 0 THEN 'IN_STOCK' ELSE 'OUT_OF_STOCK' END
        ) ORDER BY variants.position, variants.id)
        FROM variants
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(available), 0) AS available
            FROM stock_levels WHERE variant_id = variants.id) AS stock
        LEFT JOIN variant_prices ON variant_prices.variant_id = variants.id AND currency = 'USD'
        WHERE variants.product_id = products.id AND is_active)
)))::text
FROM products
JOIN merchants ON merchants.id = products.merchant_id
JOIN categories ON categories.id = products.category_id
LEFT JOIN brands ON brands.id = products.brand_id
WHERE products.slug = $1 AND is_listed
