-- Makes a long history look like a busy desk: holds, shortages, unpaid orders, tags, pinned notes, and names as people
-- have them. Run once after fill.sql.

CREATE TEMP TABLE person AS
SELECT c.id, f.name || ' ' || l.name AS name, f.name || '.' || l.name || c.i || '@example.test' AS email,
  CASE WHEN c.i % 4 = 0 THEN l.name || ' & Sons ' || (ARRAY['Ltd', 'GmbH', 'SARL', 'Traders'])[1 + c.i % 4] ELSE '' END AS company
FROM (SELECT id, row_number() OVER (ORDER BY id)::int AS i FROM customers_customer) c
JOIN (SELECT row_number() OVER ()::int AS i, name FROM unnest(ARRAY['Ann', 'Bo', 'Chloe', 'Dev', 'Elin', 'Femi', 'Greta', 'Hugo',
  'Ines', 'Jonas', 'Kofi', 'Lena', 'Marta', 'Nils', 'Oscar', 'Priya', 'Quentin', 'Rosa', 'Sara', 'Tariq']) name) f ON f.i = 1 + c.i % 20
JOIN (SELECT row_number() OVER ()::int AS i, a || b AS name FROM unnest(ARRAY['Oka', 'Brand', 'Miller', 'Har', 'Lind', 'Mont',
  'Nor', 'Pet', 'Quin', 'Ras', 'Sand', 'Thor', 'Vel', 'Whit', 'Zim', 'Ash', 'Bex', 'Cor', 'Dun', 'Ell']) a,
  unnest(ARRAY['for', 'berg', 'son', 'man', 'strom', 'ton', 'ley', 'er', 'field', 'worth']) b) l ON l.i = 1 + (c.i * 7) % 200;
UPDATE customers_customer c SET name = p.name, company = p.company, email = p.email, email_key = lower(p.email)
FROM person p WHERE p.id = c.id;

CREATE TEMP TABLE fate AS
SELECT id, row_number() OVER (ORDER BY id)::int AS i, status = 'open' AS is_open, customer_id FROM orders_order;
UPDATE orders_order o SET ship_name = p.name, name_key = lower(p.name), email = p.email, email_key = lower(p.email),
  phone = '+4420794' || lpad((f.i % 60000)::text, 5, '0'),
  customer_order_number = CASE WHEN f.i % 10 = 0 THEN 'PO-' || f.i ELSE '' END,
  is_held = f.is_open AND f.i % 30 = 0,
  is_short = f.is_open AND f.i % 20 = 0,
  released_at = CASE WHEN f.is_open AND f.i % 30 = 0 THEN NULL ELSE o.released_at END,
  payment_status = CASE WHEN f.is_open AND f.i % 50 = 0 THEN 'pending' ELSE o.payment_status END,
  priority = CASE WHEN f.i % 200 = 0 THEN 10 WHEN f.i % 40 = 0 THEN 20 ELSE 30 END,
  ship_by = CASE WHEN f.is_open THEN now() + ((f.i * 13 % 20000) - 2000) * interval '1 minute' END,
  tags = CASE WHEN f.i % 100 = 0 THEN '{VIP}'::varchar[] WHEN f.i % 5000 = 1 THEN '{Recall}'::varchar[] ELSE '{}' END
FROM fate f LEFT JOIN person p ON p.id = f.customer_id WHERE f.id = o.id;
INSERT INTO orders_hold (id, kind, status, params, placed_at, placed_by, released_by, reason, order_id)
SELECT gen_random_uuid(), (ARRAY['address', 'payment', 'price', 'manual'])[1 + i % 4], 'open', '{"reason": "Look"}', now(), 'Benchmark', '', '', id
FROM fate WHERE is_open AND i % 30 = 0;
INSERT INTO orders_ordernote (id, text, is_pinned, written_at, actor_kind, actor_id, actor_label, order_id)
SELECT gen_random_uuid(), 'Ring first', true, now(), 'staff', '', 'Benchmark', id FROM fate WHERE is_open AND i % 10 = 0;
INSERT INTO kernel_tag (id, version, created_at, updated_at, name, name_key, colour, is_offered)
VALUES (gen_random_uuid(), 1, now(), now(), 'VIP', 'vip', 'indigo', true), (gen_random_uuid(), 1, now(), now(), 'Recall', 'recall', 'red', true);
