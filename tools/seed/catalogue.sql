-- The synthetic catalogue: seed.products products of 20 merchants, 3 variants each.
-- Everything is worked out from a row's number, so every run makes the same rows and ids.

-- An id in the shape of a UUIDv7: sorts by its number.
CREATE FUNCTION pg_temp.id_of(kind text, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (
        lpad(to_hex(1700000000000 + number), 12, '0') || '7' || substr(md5(kind || number), 1, 3)
        || substr('89ab', 1 + (number % 4)::int, 1) || substr(md5(kind || number), 4, 15)
    )::uuid
$$;
CREATE FUNCTION pg_temp.texts(english text, chinese text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('en', english, 'zh-Hans', chinese)
$$;
CREATE FUNCTION pg_temp.price_of(product bigint, variant int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 499 + product * 7919 % 20000 + variant * 250
$$;

INSERT INTO merchants (id, slug, name, description, status, mode, version)
SELECT pg_temp.id_of('merchant', n), 'synthetic-merchant-' || n, 'Merchant ' || n,
       pg_temp.texts('Sells synthetic things.', '出售合成商品。'), 'ACTIVE', 'B2C', 1
FROM generate_series(1, 20) AS n;

INSERT INTO warehouses (id, merchant_id, code, name, kind, address, is_pickup_point, is_active, priority)
SELECT pg_temp.id_of('warehouse', n), pg_temp.id_of('merchant', n), 'MAIN', 'Warehouse ' || n,
       'WAREHOUSE', '{"country": "DE", "city": "Leipzig"}', false, true, 0
FROM generate_series(1, 20) AS n;

INSERT INTO brands (id, slug, name, description)
SELECT pg_temp.id_of('brand', n), 'synthetic-brand-' || n, 'Brand ' || n,
       pg_temp.texts('A synthetic brand.', '合成品牌。')
FROM generate_series(0, 49) AS n;

-- A tree: 8 roots (1 to 8), 5 below each (9 to 48), 5 below each of those (49 to 248).
INSERT INTO categories (id, slug, name, description, parent_id, position)
SELECT pg_temp.id_of('category', n), 'synthetic-category-' || n,
       pg_temp.texts('Category ' || n, '类目' || n), '{}',
       CASE WHEN n > 48 THEN pg_temp.id_of('category', 9 + (n - 49) / 5)
            WHEN n > 8 THEN pg_temp.id_of('category', 1 + (n - 9) / 5) END,
       n % 5
FROM generate_series(1, 248) AS n;

INSERT INTO product_types (id, slug, name)
SELECT pg_temp.id_of('type', n), 'synthetic-type-' || n, pg_temp.texts('Type ' || n, '类型' || n)
FROM generate_series(0, 3) AS n;

INSERT INTO attributes (id, product_type_id, slug, name, kind, choices, is_filterable, position)
SELECT pg_temp.id_of('attribute', type * 4 + n), pg_temp.id_of('type', type),
       (ARRAY['material', 'origin', 'care', 'season'])[n + 1],
       pg_temp.texts((ARRAY['Material', 'Origin', 'Care', 'Season'])[n + 1],
                     (ARRAY['材质', '产地', '保养', '季节'])[n + 1]),
       'TEXT', '{}', true, n
FROM generate_series(0, 3) AS type, generate_series(0, 3) AS n;

INSERT INTO products (
    id, merchant_id, product_type_id, category_id, brand_id, slug, name, name_sort, summary,
    options, status, is_listed, published_at, price_min_minor, price_max_minor, rating_average,
    rating_count, external_reference, attributes_search, version
)
SELECT pg_temp.id_of('product', n), pg_temp.id_of('merchant', 1 + n % 20),
       pg_temp.id_of('type', n % 4), pg_temp.id_of('category', 49 + n * 7 % 200),
       pg_temp.id_of('brand', n % 50), 'synthetic-product-' || n,
       pg_temp.texts(quality || ' ' || thing || ' ' || n, '合成商品' || n),
       lower(quality || ' ' || thing || ' ' || n),
       pg_temp.texts(
           'A ' || lower(quality || ' ' || thing) || ' for every day: made to last, easy to clean,'
           || ' and nice to look at. Number ' || n || ' of its kind.',
           '日常使用的合成商品，经久耐用，易于清洁。编号' || n || '。'),
       '[{"slug": "size", "name": {"en": "Size", "zh-Hans": "尺码"}, "values": [
            {"slug": "s", "name": {"en": "S", "zh-Hans": "小"}},
            {"slug": "m", "name": {"en": "M", "zh-Hans": "中"}},
            {"slug": "l", "name": {"en": "L", "zh-Hans": "大"}}]},
         {"slug": "colour", "name": {"en": "Colour", "zh-Hans": "颜色"}, "values": [
            {"slug": "red", "name": {"en": "Red", "zh-Hans": "红色"}},
            {"slug": "blue", "name": {"en": "Blue", "zh-Hans": "蓝色"}}]}]',
       'PUBLISHED', true, timestamptz '2026-01-01 00:00+00' + n * interval '1 second',
       pg_temp.price_of(n, 0), pg_temp.price_of(n, 2), 300 + n % 200, n % 90,
       'synthetic-' || n,
       ARRAY['material=' || material, 'origin=' || origin, 'care=wash', 'season=' || n % 4], 1
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     LATERAL (SELECT
        (ARRAY['Sturdy', 'Light', 'Quiet', 'Bright', 'Small', 'Plain', 'Soft'])[1 + n % 7] AS quality,
        (ARRAY['lamp', 'chair', 'kettle', 'jacket', 'basket'])[1 + n % 5] AS thing,
        (ARRAY['oak', 'wool', 'steel'])[1 + n % 3] AS material,
        (ARRAY['DE', 'CN', 'PT'])[1 + n / 3 % 3] AS origin
     ) AS words;

INSERT INTO product_texts (product_id, description)
SELECT pg_temp.id_of('product', n),
       pg_temp.texts(
           repeat('What one should know of number ' || n || ', at some length. ', 28),
           repeat('关于编号' || n || '的详细说明。', 28))
FROM generate_series(1, current_setting('seed.products')::bigint) AS n;

INSERT INTO product_attribute_values (id, product_id, attribute_id, value)
SELECT pg_temp.id_of('value', n * 4 + k), pg_temp.id_of('product', n),
       pg_temp.id_of('attribute', n % 4 * 4 + k),
       CASE k WHEN 0 THEN (ARRAY['oak', 'wool', 'steel'])[1 + n % 3]
              WHEN 1 THEN (ARRAY['DE', 'CN', 'PT'])[1 + n / 3 % 3]
              WHEN 2 THEN 'wash' ELSE (n % 4)::text END
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 3) AS k;

-- No files are behind these addresses.
INSERT INTO product_media (
    id, product_id, kind, position, alt, path, thumbnails, content_type, width, height, bytes
)
SELECT pg_temp.id_of('media', n * 2 + k), pg_temp.id_of('product', n), 'IMAGE', k,
       pg_temp.texts('Number ' || n || ' from side ' || k, '编号' || n || '的图片'),
       'synthetic/' || n || '-' || k || '.jpg',
       jsonb_build_object('small', 'synthetic/' || n || '-' || k || '-small.webp',
                          'large', 'synthetic/' || n || '-' || k || '-large.webp'),
       'image/jpeg', 1200, 1200, 180000
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 1) AS k;

INSERT INTO variants (
    id, product_id, merchant_id, sku, barcode, name, options, options_key, position, weight_grams,
    minimum_quantity, is_active, version
)
SELECT pg_temp.id_of('variant', n * 3 + k), pg_temp.id_of('product', n),
       pg_temp.id_of('merchant', 1 + n % 20), 'SYN-' || n || '-' || upper(size), NULL,
       pg_temp.texts(upper(size) || ' / ' || initcap(colour), upper(size) || ' / ' || colour),
       jsonb_build_object('size', size, 'colour', colour),
       'colour=' || colour || '/size=' || size, k, 100 + n % 900, 1, true, 1
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 2) AS k,
     LATERAL (SELECT (ARRAY['s', 'm', 'l'])[k + 1] AS size,
                     (ARRAY['red', 'blue'])[1 + (n + k) % 2] AS colour) AS chosen;

INSERT INTO variant_prices (variant_id, currency, amount_minor, compare_at_minor)
SELECT pg_temp.id_of('variant', n * 3 + k), current_setting('seed.currency'),
       pg_temp.price_of(n, k), CASE WHEN n % 5 = 0 THEN pg_temp.price_of(n, k) + 500 END
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 2) AS k;

-- Enough that a benchmark never sells out.
INSERT INTO stock_levels (
    warehouse_id, variant_id, merchant_id, on_hand, reserved, allocated, safety_stock
)
SELECT pg_temp.id_of('warehouse', 1 + n % 20), pg_temp.id_of('variant', n * 3 + k),
       pg_temp.id_of('merchant', 1 + n % 20), 1000 + n % 100, 0, 0, 0
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 2) AS k;

INSERT INTO stock_movements (
    id, warehouse_id, variant_id, merchant_id, kind, on_hand_delta, reserved_delta,
    allocated_delta, reason
)
SELECT pg_temp.id_of('movement', n * 3 + k), pg_temp.id_of('warehouse', 1 + n % 20),
       pg_temp.id_of('variant', n * 3 + k), pg_temp.id_of('merchant', 1 + n % 20),
       'ADJUSTMENT', 1000 + n % 100, 0, 0, 'Opening stock'
FROM generate_series(1, current_setting('seed.products')::bigint) AS n,
     generate_series(0, 2) AS k;

INSERT INTO collections (id, merchant_id, slug, name, description, is_published)
SELECT pg_temp.id_of('collection', n), NULL, 'synthetic-collection-' || n,
       pg_temp.texts('Collection ' || n, '专题' || n), '{}', true
FROM generate_series(1, 6) AS n;

INSERT INTO collection_products (collection_id, product_id, position)
SELECT pg_temp.id_of('collection', n), pg_temp.id_of('product', n * 24 + k), k
FROM generate_series(1, 6) AS n, generate_series(0, 23) AS k;
