-- The same answer in one statement.
SELECT json_build_object('data', json_build_object('products', json_build_object(
    'nodes', json_agg(card ORDER BY published_at DESC, page.id DESC),
    'pageInfo', json_build_object('hasNextPage', max(size) > 24)
)))::text
FROM (
    SELECT products.*, row_number() OVER () AS place, count(*) OVER () AS size
    FROM (SELECT * FROM products WHERE is_listed ORDER BY published_at DESC, id DESC LIMIT 25) AS products
) AS page
JOIN categories ON categories.id = page.category_id
LEFT JOIN brands ON brands.id = page.brand_id
CROSS JOIN LATERAL (
    SELECT json_build_object(
        'id', 'product_' || replace(page.id::text, '-', ''),
        'name', page.name ->> 'en',
        'slug', page.slug,
        'summary', page.summary ->> 'en',
        'category', json_build_object(
            'id', 'category_' || replace(categories.id::text, '-', ''),
            'name', categories.name ->> 'en'),
        'brand', json_build_object(
            'id', 'brand_' || replace(brands.id::text, '-', ''), 'name', brands.name),
        'media', (
            SELECT json_agg(json_build_object(
                '__typename', 'Image', 'url', '/media/' || path, 'alt', alt ->> 'en'
            ) ORDER BY position, id)
            FROM product_media WHERE product_id = page.id),
        'priceRange', json_build_object(
            'start', json_build_object(
                'amount', round(page.price_min_minor / 100.0, 2)::text, 'currency', 'USD'),
            'stop', json_build_object(
                'amount', round(page.price_max_minor / 100.0, 2)::text, 'currency', 'USD')),
        'variants', (
            SELECT json_agg(json_build_object(
                'id', 'variant_' || replace(variants.id::text, '-', ''),
                'sku', sku,
                'name', variants.name ->> 'en',
                'price', json_build_object(
                    'amount', round(amount_minor / 100.0, 2)::text, 'currency', 'USD'),
                'quantityAvailable', least(99, (
                    SELECT sum(available) FROM stock_levels WHERE variant_id = variants.id))
            ) ORDER BY variants.position, variants.id)
            FROM variants
            LEFT JOIN variant_prices
                ON variant_prices.variant_id = variants.id AND currency = 'USD'
            WHERE variants.product_id = page.id AND is_active)
    ) AS card
) AS cards
WHERE place <= 24
