-- 100 users with 20 orders each, delivered and on their way, and 200 guests with an open cart.
-- A purchase (1 to 1000) is two orders of two merchants; an order has three lines.

INSERT INTO users (
    id, email, password_hash, first_name, last_name, language, is_active, platform_permissions,
    version
)
SELECT pg_temp.id_of('user', n), 'synthetic-' || n || '@example.com', 'nobody signs in', 'Person',
       n::text, 'en', true, '{}', 1
FROM generate_series(1, 100) AS n;

INSERT INTO sessions (id, user_id)
SELECT pg_temp.id_of('session', n), pg_temp.id_of('user', n) FROM generate_series(1, 100) AS n;

INSERT INTO guests (id) SELECT pg_temp.id_of('guest', n) FROM generate_series(1, 200) AS n;

INSERT INTO carriers (id, code, name, kind, services, tracking_url, is_active)
SELECT pg_temp.id_of('carrier', n), 'synthetic-carrier-' || n, 'Carrier ' || n, 'COURIER', '[]',
       'https://carrier.example/' || n || '/{number}', true
FROM generate_series(0, 2) AS n;

INSERT INTO delivery_methods (
    id, merchant_id, code, name, carrier_code, currency, price_minor, free_from_minor, min_days,
    max_days, countries, is_active
)
SELECT pg_temp.id_of('method', n), pg_temp.id_of('merchant', n), 'standard',
       pg_temp.texts('Standard', '标准配送'), 'synthetic-carrier-' || n % 3,
       current_setting('seed.currency'), 490, 20000, 2, 5, '{}', true
FROM generate_series(1, 20) AS n;

INSERT INTO carts (id, owner_id, status, currency, version)
SELECT pg_temp.id_of('cart', n),
       CASE WHEN n > 1000 THEN pg_temp.id_of('guest', n - 1000)
            ELSE pg_temp.id_of('user', 1 + n % 100) END,
       CASE WHEN n > 1000 THEN 'OPEN' ELSE 'ORDERED' END, current_setting('seed.currency'), 1
FROM generate_series(1, 1200) AS n;

INSERT INTO cart_lines (id, cart_id, variant_id, merchant_id, quantity, unit_price_minor)
SELECT pg_temp.id_of('cart line', n * 2 + k), pg_temp.id_of('cart', n),
       pg_temp.id_of('variant', product * 3), pg_temp.id_of('merchant', 1 + product % 20), 1,
       pg_temp.price_of(product, 0)
FROM generate_series(1001, 1200) AS n, generate_series(0, 1) AS k,
     LATERAL (SELECT 1 + (n * 2 + k) % 900 AS product) AS chosen;

INSERT INTO checkouts (
    id, cart_id, cart_version, owner_id, status, currency, email, purchase_order_number,
    expires_at, version
)
SELECT pg_temp.id_of('checkout', n), pg_temp.id_of('cart', n), 1,
       pg_temp.id_of('user', 1 + n % 100), 'COMPLETED', current_setting('seed.currency'),
       'synthetic-' || 1 + n % 100 || '@example.com', '', timestamptz '2026-06-01 00:00+00', 1
FROM generate_series(1, 1000) AS n;

-- What each order is made of: lines of three products of its merchant, two units each.
CREATE TEMPORARY TABLE sold ON COMMIT DROP AS
SELECT purchase * 2 + part AS number, purchase, k, product, 1 + product % 20 AS merchant,
       pg_temp.price_of(product, 1) AS unit, placed_at
FROM generate_series(1, 1000) AS purchase, generate_series(0, 1) AS part,
     generate_series(0, 2) AS k,
     LATERAL (SELECT 1 + purchase * 3 % 20 + part * 7 + k * 20
                     + purchase * 40 % (current_setting('seed.products')::bigint / 2 - 100) / 20 * 20
                     AS product,
                     timestamptz '2026-05-01 00:00+00' + purchase * interval '1 hour' AS placed_at
     ) AS chosen;
CREATE TEMPORARY TABLE sold_orders ON COMMIT DROP AS
SELECT number, purchase, merchant, placed_at, sum(unit * 2)::bigint AS subtotal,
       sum(unit * 2)::bigint + 490 AS total, purchase % 4 = 0 AS is_on_its_way
FROM sold GROUP BY number, purchase, merchant, placed_at;

INSERT INTO order_groups (
    id, checkout_id, owner_id, status, currency, total_minor, email, expires_at, is_extended,
    created_at
)
SELECT pg_temp.id_of('group', purchase), pg_temp.id_of('checkout', purchase),
       pg_temp.id_of('user', 1 + purchase % 100), 'PAID', current_setting('seed.currency'),
       sum(total), 'synthetic-' || 1 + purchase % 100 || '@example.com',
       placed_at + interval '30 minutes', false, placed_at
FROM sold_orders GROUP BY purchase, placed_at;

INSERT INTO orders (
    id, group_id, merchant_id, owner_id, number, status, currency, subtotal_minor, shipping_minor,
    discount_minor, tax_minor, total_minor, refunded_minor, email, shipping_address,
    billing_address, delivery_name, carrier_code, purchase_order_number, placed_at, paid_at,
    version
)
SELECT pg_temp.id_of('order', number), pg_temp.id_of('group', purchase),
       pg_temp.id_of('merchant', merchant), pg_temp.id_of('user', 1 + purchase % 100),
       'SYN-' || number, CASE WHEN is_on_its_way THEN 'SHIPPED' ELSE 'DELIVERED' END,
       current_setting('seed.currency'), subtotal, 490, 0, 0, total, 0,
       'synthetic-' || 1 + purchase % 100 || '@example.com', address, address,
       pg_temp.texts('Standard', '标准配送'), 'synthetic-carrier-' || merchant % 3, '', placed_at,
       placed_at + interval '1 minute', 1
FROM sold_orders, LATERAL (SELECT jsonb_build_object(
    'name', 'Person ' || purchase % 100, 'company', '', 'line1', 'Long Street ' || number,
    'line2', '', 'city', 'Leipzig', 'region', '', 'postal_code', '04109', 'country', 'DE',
    'phone', '+4934100001234') AS address) AS recipient;

INSERT INTO order_lines (
    id, order_id, variant_id, product_id, title, sku, options, image, quantity, quantity_shipped,
    unit_price_minor, tax_minor, total_minor, position
)
SELECT pg_temp.id_of('order line', number * 3 + k), pg_temp.id_of('order', number),
       pg_temp.id_of('variant', product * 3 + 1), pg_temp.id_of('product', product),
       pg_temp.texts('Thing ' || product, '合成商品' || product), 'SYN-' || product || '-M',
       '[["size", "m"]]', 'synthetic/' || product || '-0-small.webp', 2, 2, unit, 0, unit * 2, k
FROM sold;

INSERT INTO order_events (id, order_id, kind, facts, created_at)
SELECT pg_temp.id_of('order event', number * 5 + k), pg_temp.id_of('order', number),
       (ARRAY['PLACED', 'PAID', 'CONFIRMED', 'SHIPPED', 'DELIVERED'])[k + 1], '{}',
       placed_at + k * interval '6 hours'
FROM sold_orders, generate_series(0, 4) AS k WHERE k < 4 OR NOT is_on_its_way;

INSERT INTO payments (
    id, order_group_id, owner_id, method, provider, status, currency, amount_minor,
    captured_minor, refunded_minor, attempt_id, settled_at, created_at, version
)
SELECT pg_temp.id_of('payment', purchase), pg_temp.id_of('group', purchase),
       pg_temp.id_of('user', 1 + purchase % 100), 'CARD', 'synthetic', 'CAPTURED',
       current_setting('seed.currency'), sum(total), sum(total), 0,
       pg_temp.id_of('attempt', purchase), placed_at + interval '1 minute', placed_at, 1
FROM sold_orders GROUP BY purchase, placed_at;

INSERT INTO payment_attempts (
    id, payment_id, provider, provider_key, provider_reference, payment_method, currency,
    amount_minor, state, created_at
)
SELECT pg_temp.id_of('attempt', purchase), pg_temp.id_of('payment', purchase), 'synthetic',
       'synthetic-' || purchase, 'synthetic-' || purchase, 'synthetic',
       current_setting('seed.currency'), sum(total), 'CAPTURED', placed_at
FROM sold_orders GROUP BY purchase, placed_at;

INSERT INTO payment_transactions (
    id, payment_id, attempt_id, kind, amount_minor, provider_reference, created_at
)
SELECT pg_temp.id_of('transaction', purchase), pg_temp.id_of('payment', purchase),
       pg_temp.id_of('attempt', purchase), 'CAPTURE', sum(total), 'synthetic-' || purchase,
       placed_at
FROM sold_orders GROUP BY purchase, placed_at;

INSERT INTO payment_allocations (payment_id, order_id, merchant_id, amount_minor, refunded_minor)
SELECT pg_temp.id_of('payment', purchase), pg_temp.id_of('order', number),
       pg_temp.id_of('merchant', merchant), total, 0
FROM sold_orders;

INSERT INTO ledger_entries (
    id, journal_id, account, merchant_id, order_id, payment_id, currency, amount_minor, created_at
)
SELECT pg_temp.id_of('debit', purchase), pg_temp.id_of('journal', purchase), 'PROVIDER_CLEARING',
       NULL, NULL, pg_temp.id_of('payment', purchase), current_setting('seed.currency'),
       sum(total), placed_at
FROM sold_orders GROUP BY purchase, placed_at
UNION ALL
SELECT pg_temp.id_of('credit', number), pg_temp.id_of('journal', purchase), 'MERCHANT_PAYABLE',
       pg_temp.id_of('merchant', merchant), pg_temp.id_of('order', number),
       pg_temp.id_of('payment', purchase), current_setting('seed.currency'), -total, placed_at
FROM sold_orders;

INSERT INTO shipments (
    id, order_id, merchant_id, owner_id, number, carrier_code, service, status, phone_digits,
    dispatched_at, delivered_at, order_told_at, delivery_told_at, created_at, version
)
SELECT pg_temp.id_of('shipment', number), pg_temp.id_of('order', number),
       pg_temp.id_of('merchant', merchant), pg_temp.id_of('user', 1 + purchase % 100),
       'SYN-' || number, 'synthetic-carrier-' || merchant % 3, '',
       CASE WHEN is_on_its_way THEN 'IN_TRANSIT' ELSE 'DELIVERED' END, '1234',
       placed_at + interval '18 hours',
       CASE WHEN NOT is_on_its_way THEN placed_at + interval '1 day' END,
       placed_at + interval '18 hours',
       CASE WHEN NOT is_on_its_way THEN placed_at + interval '1 day' END,
       placed_at + interval '12 hours', 1
FROM sold_orders;

INSERT INTO shipment_lines (shipment_id, order_line_id, variant_id, quantity)
SELECT pg_temp.id_of('shipment', number), pg_temp.id_of('order line', number * 3 + k),
       pg_temp.id_of('variant', product * 3 + 1), 2
FROM sold;

INSERT INTO parcels (id, shipment_id, carrier_code, tracking_number, weight_grams)
SELECT pg_temp.id_of('parcel', number), pg_temp.id_of('shipment', number),
       'synthetic-carrier-' || merchant % 3, 'SYN' || number, 1200
FROM sold_orders;

INSERT INTO tracking_events (
    id, shipment_id, parcel_id, event_key, status, raw_status, location, message, happened_at
)
SELECT pg_temp.id_of('tracking event', number * 4 + k), pg_temp.id_of('shipment', number),
       pg_temp.id_of('parcel', number), k::text,
       (ARRAY['PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED'])[k + 1], '',
       (ARRAY['Leipzig', 'Halle', 'Berlin', 'Berlin'])[k + 1], 'Scanned',
       placed_at + interval '18 hours' + k * interval '2 hours'
FROM sold_orders, generate_series(0, 3) AS k WHERE k < 2 OR NOT is_on_its_way;
