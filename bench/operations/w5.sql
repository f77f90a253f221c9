-- The same answer in one statement. $1: the user.
WITH latest AS (
    SELECT * FROM orders WHERE owner_id = $1 ORDER BY placed_at DESC, id DESC LIMIT 10
)
SELECT json_build_object('data', json_build_object('me', json_build_object('orders',
    json_build_object('nodes', json_agg(json_build_object(
        'id', 'order_' || replace(latest.id::text, '-', ''),
        'number', number,
        'status', latest.status,
        'placedAt', to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'merchant', json_build_object(
            'id', 'merchant_' || replace(merchants.id::text, '-', ''), 'name', merchants.name),
        'totals', json_build_object(
            'subtotal', json_build_object(
                'amount', round(subtotal_minor / 100.0, 2)::text, 'currency', currency),
            'shipping', json_build_object(
                'amount', round(shipping_minor / 100.0, 2)::text, 'currency', currency),
            'total', json_build_object(
                'amount', round(total_minor / 100.0, 2)::text, 'currency', currency)),
        'lines', (
            SELECT json_agg(json_build_object(
                'id', 'orderline_' || replace(id::text, '-', ''),
                'title', title ->> 'en',
                'sku', sku,
                'quantity', quantity,
                'imageUrl', '/media/' || image,
                'unitPrice', json_build_object(
                    'amount', round(unit_price_minor / 100.0, 2)::text, 'currency', currency),
                'total', json_build_object(
                    'amount', round(line.total_minor / 100.0, 2)::text, 'currency', currency)
            ) ORDER BY position, id)
            FROM order_lines AS line WHERE order_id = latest.id),
        'payments', (
            SELECT json_agg(json_build_object(
                'status', payments.status,
                'amount', json_build_object(
                    'amount', round(allocation.amount_minor / 100.0, 2)::text,
                    'currency', payments.currency),
                'refunded', json_build_object(
                    'amount', round(allocation.refunded_minor / 100.0, 2)::text,
                    'currency', payments.currency)
            ) ORDER BY payment_id)
            FROM payment_allocations AS allocation JOIN payments ON payments.id = payment_id
            WHERE order_id = latest.id),
        'shipments', (
            SELECT json_agg(json_build_object(
                'id', 'shipment_' || replace(id::text, '-', ''),
                'number', number,
                'status', status,
                'dispatchedAt',
                    to_char(dispatched_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'deliveredAt',
                    to_char(delivered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'events', (
                    SELECT json_agg(json_build_object(
                        'status', event.status,
                        'location', location,
                        'happenedAt',
                            to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                    ) ORDER BY happened_at, id)
                    FROM tracking_events AS event WHERE shipment_id = shipments.id)
            ) ORDER BY id)
            FROM shipments WHERE order_id = latest.id)
    ) ORDER BY placed_at DESC, latest.id DESC)))))::text
FROM latest JOIN merchants ON merchants.id = latest.merchant_id
