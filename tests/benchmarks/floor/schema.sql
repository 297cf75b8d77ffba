-- Floor schema: the least durable work an order placement can mean.
-- How many orders lie there already: SET floor.orders = 100000 before.
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
SET search_path = floor;

CREATE TABLE customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL, email text NOT NULL UNIQUE);

CREATE TABLE sku (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE, name text NOT NULL,
  price numeric(12,2) NOT NULL);

-- one row a SKU and location; counters, so that a reservation is one HOT update
CREATE TABLE stock (
  sku_id bigint NOT NULL REFERENCES sku, location_id int NOT NULL,
  on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
  PRIMARY KEY (sku_id, location_id),
  CHECK (reserved >= 0 AND reserved <= on_hand)) WITH (fillfactor = 50);

CREATE TABLE sales_order (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text GENERATED ALWAYS AS ('SO' || lpad(id::text, 10, '0')) STORED,
  customer_id bigint NOT NULL REFERENCES customer,
  ship_to jsonb NOT NULL,               -- address as it was when placed
  status text NOT NULL, currency char(3) NOT NULL,
  total numeric(14,2) NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON sales_order (status, placed_at DESC, id DESC);
CREATE INDEX ON sales_order (placed_at DESC, id DESC);
CREATE INDEX ON sales_order (customer_id);

CREATE TABLE order_line (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES sales_order,
  line_no int NOT NULL, sku_id bigint NOT NULL REFERENCES sku,
  qty int NOT NULL CHECK (qty > 0),
  unit_price numeric(12,2) NOT NULL, line_total numeric(14,2) NOT NULL,
  UNIQUE (order_id, line_no));

CREATE TABLE reservation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_line_id bigint NOT NULL REFERENCES order_line,
  sku_id bigint NOT NULL, location_id int NOT NULL, qty int NOT NULL,
  state text NOT NULL DEFAULT 'reserved',
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON reservation (order_line_id);
CREATE INDEX ON reservation (sku_id, location_id) WHERE state = 'reserved';

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL, aggregate_id bigint NOT NULL, payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), sent_at timestamptz);
CREATE INDEX ON outbox (id) WHERE sent_at IS NULL;

-- F1(b): the whole placement in one round trip. sku ids may come in any order;
-- rows are locked in id order, so two placements never deadlock.
CREATE FUNCTION place_order(p_customer bigint, p_ship jsonb, p_sku bigint[], p_qty int[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint; v_n int; r record;
BEGIN
  FOR r IN SELECT s, sum(q)::int AS q FROM unnest(p_sku, p_qty) u(s, q) GROUP BY s ORDER BY s LOOP
    UPDATE floor.stock SET reserved = reserved + r.q
     WHERE sku_id = r.s AND location_id = 1 AND on_hand - reserved >= r.q;
    GET DIAGNOSTICS v_n = ROW_COUNT;
    IF v_n = 0 THEN
      RAISE EXCEPTION 'out of stock: %', r.s USING ERRCODE = 'OM001';
    END IF;
  END LOOP;
  INSERT INTO floor.sales_order (customer_id, ship_to, status, currency, total)
  SELECT p_customer, p_ship, 'confirmed', 'USD', sum(k.price * u.q)
    FROM unnest(p_sku, p_qty) u(s, q) JOIN floor.sku k ON k.id = u.s
  RETURNING id INTO v_id;
  WITH l AS (
    INSERT INTO floor.order_line (order_id, line_no, sku_id, qty, unit_price, line_total)
    SELECT v_id, u.n, u.s, u.q, k.price, k.price * u.q
      FROM unnest(p_sku, p_qty) WITH ORDINALITY u(s, q, n) JOIN floor.sku k ON k.id = u.s
    RETURNING id, sku_id, qty)
  INSERT INTO floor.reservation (order_line_id, sku_id, location_id, qty)
  SELECT id, sku_id, 1, qty FROM l;
  INSERT INTO floor.outbox (topic, aggregate_id, payload)
  VALUES ('order.confirmed', v_id, jsonb_build_object('order', v_id, 'customer', p_customer));
  RETURN v_id;
END $$;

INSERT INTO customer (name, email)
SELECT 'Customer ' || i, 'c' || i || '@example.test' FROM generate_series(1, 5000) i;
INSERT INTO sku (code, name, price)
SELECT 'SKU-' || lpad(i::text, 5, '0'), 'Article ' || i, (5 + (i * 37 % 9000) / 100.0)::numeric(12,2)
FROM generate_series(1, 1000) i;
INSERT INTO stock (sku_id, location_id, on_hand) SELECT i, 1, 1000000000 FROM generate_series(1, 1000) i;
-- SKU 1001 is the hot one: 500 units
INSERT INTO sku (code, name, price) VALUES ('SKU-HOT', 'Hot article', 9.99);
INSERT INTO stock (sku_id, location_id, on_hand) VALUES (1001, 1, 500);

-- order history for the read workloads
INSERT INTO sales_order (customer_id, ship_to, status, currency, total, placed_at)
SELECT 1 + (i * 7919) % 5000,
  jsonb_build_object('name', 'Customer ' || i, 'line1', i || ' High Street', 'city', 'Springfield',
                     'postcode', lpad((i % 99999)::text, 5, '0'), 'country', 'US'),
  (ARRAY['confirmed','picking','packed','shipped','shipped','shipped','delivered','delivered','delivered','cancelled'])[1 + i % 10],
  'USD', 60 + i % 100, now() - (current_setting('floor.orders')::int - i) * interval '4 minutes'
FROM generate_series(1, current_setting('floor.orders')::int) i;
INSERT INTO order_line (order_id, line_no, sku_id, qty, unit_price, line_total)
SELECT i, n, s.id, 1 + (i + n) % 3, s.price, s.price * (1 + (i + n) % 3)
FROM generate_series(1, current_setting('floor.orders')::int) i, generate_series(1, 3) n
JOIN LATERAL (SELECT * FROM sku WHERE id = 1 + (i * 31 + n * 333) % 1000) s ON true;
ANALYZE;
