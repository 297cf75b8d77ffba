-- Fills Kapell's tables as years of trade would: 1,000 SKUs in two warehouses and a history of orders, 3 lines each.
-- One order in ten is open with its stock allocated, one cancelled, the rest shipped before stock was kept here.
-- Channel BENCH and its 5,000 customers are there already. How many orders: SET bench.orders = 100000 before.

CREATE FUNCTION pg_temp.key(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(rest, 1, 3)
    || 'b' || substr(rest, 4, 15))::uuid FROM md5(random()::text || at::text) rest
$$;

CREATE TEMP TABLE warehouse AS
SELECT pg_temp.key(now()) AS id, pg_temp.key(now()) AS bin_id, * FROM (VALUES ('MAIN', 10), ('NORTH', 20)) w(code, priority);
INSERT INTO inventory_warehouse (id, version, created_at, updated_at, code, name, address, time_zone,
  cut_off, working_days, priority, is_active)
SELECT id, 1, now(), now(), code, code, '{}', 'Europe/London', '17:00', '{0,1,2,3,4}', priority, true FROM warehouse;
INSERT INTO inventory_bin (id, version, created_at, updated_at, code, kind, sequence, is_active, warehouse_id)
SELECT CASE b.code WHEN 'STOCK' THEN w.bin_id ELSE pg_temp.key(now()) END, 1, now(), now(), b.code, b.kind, 0, true, w.id
FROM warehouse w, (VALUES ('RECEIVING', 'bulk'), ('STOCK', 'pick'), ('STAGING', 'staging')) b(code, kind);

CREATE TEMP TABLE product AS
SELECT pg_temp.key(now() - interval '1 year') AS id, i, 'SKU-' || lpad(i::text, 5, '0') AS sku,
  (5 + (i * 37 % 9000) / 100.0)::numeric(12,2) AS price, 1000000 AS stock
FROM generate_series(1, 1000) i;
INSERT INTO product SELECT pg_temp.key(now()), 1000 + i, 'HOT-' || i, 9.99, 500 FROM generate_series(1, 50) i;
INSERT INTO inventory_product (id, version, created_at, updated_at, sku, sku_key, name, is_stocked, is_active,
  tax_category, hs_code, origin_country, picture, supplier_item_number, pack_multiple, minimum_order_quantity, cost_currency)
SELECT id, 1, now(), now(), sku, lower(sku), 'Article ' || i, true, true, 'standard', '', '', '', '', 1, 0, '' FROM product;
INSERT INTO inventory_price (id, currency, list_price, product_id)
SELECT pg_temp.key(now()), 'GBP', price, id FROM product;

-- The hot ones lie in one warehouse only.
CREATE TEMP TABLE level AS
SELECT pg_temp.key(now()) AS id, p.id AS product_id, p.i, w.id AS warehouse_id, w.code, w.bin_id, p.stock
FROM product p JOIN warehouse w ON w.code = 'MAIN' OR p.i <= 1000;
INSERT INTO inventory_stocklevel (id, on_hand, unavailable, reserved, version, product_id, warehouse_id)
SELECT id, stock, 0, 0, 1, product_id, warehouse_id FROM level;
INSERT INTO inventory_binstock (id, condition, quantity, allocated, bin_id, product_id)
SELECT pg_temp.key(now()), 'good', stock, 0, bin_id, product_id FROM level;
INSERT INTO inventory_stockmovement (id, version, kind, d_on_hand, d_unavailable, d_reserved, quantity, reason,
  document, actor_kind, actor_id, actor_label, command_id, at, bin_to_id, level_id)
SELECT pg_temp.key(now() - interval '1 year'), 1, 'receipt', stock, 0, 0, stock, '', 'opening', 'system', '', 'benchmark',
  pg_temp.key(now()), now() - interval '1 year', bin_id, id FROM level;

CREATE TEMP TABLE customer AS
SELECT row_number() OVER (ORDER BY r.value) AS i, c.id, c.name, c.email, c.email_key,
  jsonb_build_object('name', a.name, 'company', a.company, 'line1', a.line1, 'line2', a.line2, 'city', a.city,
    'region', a.region, 'postal_code', a.postal_code, 'country', a.country, 'phone', a.phone) AS address,
  lower(c.name) AS name_key, lower(replace(a.postal_code, ' ', '')) AS postcode_key
FROM customers_customerreference r JOIN customers_customer c ON c.id = r.customer_id
JOIN customers_address a ON a.customer_id = c.id WHERE r.kind = 'reference';

CREATE TEMP TABLE past AS
SELECT i, pg_temp.key(placed_at) AS id, placed_at, 1 + (i::bigint * 7919) % 5000 AS customer,
  (ARRAY['open', 'completed', 'completed', 'completed', 'completed',
    'completed', 'completed', 'completed', 'completed', 'cancelled'])[1 + i % 10] AS status
FROM (SELECT i, now() - (current_setting('bench.orders')::int - i + 1) * interval '4 minutes' AS placed_at
  FROM generate_series(1, current_setting('bench.orders')::int) i) o;
CREATE TEMP TABLE line AS
SELECT pg_temp.key(o.placed_at) AS id, o.id AS order_id, o.i, o.status, o.placed_at, n AS position, p.i AS product,
  p.id AS product_id, p.sku, 1 + (o.i + n) % 3 AS quantity, p.price, p.price * (1 + (o.i + n) % 3) AS amount,
  round(p.price * (1 + (o.i + n) % 3) / 6, 2) AS tax
FROM past o CROSS JOIN generate_series(1, 3) n JOIN product p ON p.i = 1 + (o.i * 31 + n * 333) % 1000;
ANALYZE past, line, level, customer;

INSERT INTO orders_order (id, number, reference, customer_order_number, origin, placed_at, created_at, updated_at,
  version, status, payment_status, fulfillment_status, is_held, is_short, released_at, priority, ship_by, ship_complete,
  shipping_method, currency, prices_include_tax, subtotal_amount, discount_amount, shipping_amount, shipping_tax_rate,
  fees, tax_amount, rounding_amount, total_amount, paid_amount, authorized_amount, refunded_amount, tax_collected_by,
  shipping_address, ship_name, name_key, ship_country, postcode_key, email, email_key, phone, gift_message, note,
  metadata, channel_id, customer_id)
SELECT o.id, 'SO-' || nextval('orders_order_number'), 'PAST-' || o.i, '',
  CASE o.status WHEN 'completed' THEN 'history' ELSE 'api' END, o.placed_at, o.placed_at, o.placed_at, 2, o.status,
  'paid', CASE o.status WHEN 'completed' THEN 'shipped' ELSE 'unfulfilled' END, false, false,
  CASE o.status WHEN 'cancelled' THEN NULL ELSE o.placed_at END, 30,
  CASE o.status WHEN 'open' THEN o.placed_at + interval '1 day' END, false, 'standard', 'GBP', true,
  sums.amount, 0, 0, 0, '[]', sums.tax, 0, sums.amount, sums.amount, 0, 0, 'seller', c.address, c.name, c.name_key,
  'GB', c.postcode_key, c.email, c.email_key, '', '', '', '{}', channel.id, c.id
FROM past o JOIN customer c ON c.i = o.customer
JOIN (SELECT order_id, sum(amount) AS amount, sum(tax) AS tax FROM line GROUP BY 1) sums ON sums.order_id = o.id,
  (SELECT id FROM kernel_channel WHERE code = 'BENCH') channel
ORDER BY o.i;

INSERT INTO orders_orderline (id, position, reference, sku, sku_key, description, is_stocked, ordered, cancelled,
  pending, backordered, reserved, assigned, shipped, returned, unit_price, discount_amount, tax_rate, amount,
  net_amount, tax_amount, buyer_item_number, attributes, order_id, product_id)
SELECT id, position, position::text, sku, lower(sku), 'Article ' || product, true, quantity,
  CASE status WHEN 'cancelled' THEN quantity ELSE 0 END, 0, 0, CASE status WHEN 'open' THEN quantity ELSE 0 END, 0,
  CASE status WHEN 'completed' THEN quantity ELSE 0 END, 0, price, 0, 20, amount, amount - tax, tax, '', '{}',
  order_id, product_id
FROM line ORDER BY line.i, line.position;

INSERT INTO orders_payment (id, method, status, amount, reference, recorded_at, order_id)
SELECT pg_temp.key(placed_at), 'card', 'paid', total_amount, '', placed_at, id FROM orders_order WHERE total_amount > 0;

INSERT INTO orders_intake (order_id, fingerprint, answer) SELECT id, md5(number) || md5(reference), '' FROM orders_order;

INSERT INTO kernel_event (id, type, aggregate, aggregate_id, aggregate_version, subject_id, occurred_at, payload,
  actor_kind, actor_id, actor_label, command_id, fanned_out, silent, channel_id)
SELECT pg_temp.key(o.placed_at), e.type, 'order', o.id, e.version, o.id, o.placed_at, jsonb_build_object('number', o.number),
  'channel', '', 'Benchmark', o.id, true, o.origin = 'history', o.channel_id
FROM orders_order o, LATERAL (VALUES (1, 'order.placed'),
  (2, CASE o.status WHEN 'cancelled' THEN 'order.cancelled' ELSE 'order.released' END)) e(version, type)
ORDER BY o.placed_at, e.version;

-- Open orders hold stock of the first warehouse: a promise and an entry in the ledger per line.
CREATE TEMP TABLE promise AS
SELECT line.*, level.id AS level_id, 1 + row_number() OVER (PARTITION BY level.id ORDER BY line.i, line.position) AS version
FROM line JOIN level ON level.i = line.product AND level.code = 'MAIN' WHERE line.status = 'open';
INSERT INTO inventory_reservation (id, demand_id, quantity, level_id)
SELECT pg_temp.key(placed_at), id, quantity, level_id FROM promise ORDER BY promise.i, promise.position;
INSERT INTO inventory_stockmovement (id, version, kind, d_on_hand, d_unavailable, d_reserved, quantity, reason, document,
  subject_id, actor_kind, actor_id, actor_label, command_id, at, level_id)
SELECT pg_temp.key(placed_at), version, 'reserve', 0, 0, quantity, quantity, '', '', order_id, 'channel', '', 'Benchmark',
  order_id, placed_at, level_id FROM promise ORDER BY promise.i, promise.position;
UPDATE inventory_stocklevel s SET reserved = sums.quantity, version = sums.version
FROM (SELECT level_id, sum(quantity) AS quantity, max(version) AS version FROM promise GROUP BY 1) sums
WHERE s.id = sums.level_id;
