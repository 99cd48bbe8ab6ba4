insert into publishers
  select ('00000000-0000-7000-8000-0000000c' || lpad(i::text, 4, '0'))::uuid, 'Publisher ' || i from generate_series(1, 3) i;
insert into authors (id, name, kind, born, active, rating, balance, tags, scores, meta, address, previous_addresses, created_at, last_seen)
  select ('00000000-0000-7000-8000-0000000a' || lpad(i::text, 4, '0'))::uuid,
         'Author ' || lpad(i::text, 3, '0'), (case i % 2 when 0 then 'POET' else 'NOVELIST' end)::author_kind,
         date '1900-01-01' + i, i % 7 <> 0, case when i % 3 = 0 then null else i * 0.5 end, i * 10000000000,
         case when i = 1 then array['a "quoted" one', 'comma, and \ slash', 'NULL', 'é'] else array['t' || i] end,
         case when i = 2 then array[1, null, 3] end,
         case when i = 1 then '{"deep": {"list": [1, 2.50, null]}, "text": "x"}'::jsonb end,
         case when i % 5 <> 0 then jsonb_build_object('line1', i || ' Main St', 'postal_code', '802' || i, 'city', 'Denver',
           'location', case when i % 2 = 0 then jsonb_build_object('lat', 39.5, 'lng', -104.25) end) end,
         case when i = 1 then '[{"line1": "old 1", "city": "Austin"}, {"line1": "old 2", "city": "Boise"}]'::jsonb else '[]' end,
         timestamptz '2026-01-01 00:00:00.123456+00' + i * interval '1 minute', case when i = 1 then timestamptz '2026-05-05 05:05:05+00' end
    from generate_series(1, 120) i;
insert into books (id, author_id, publisher_id, title, pages, isbn, position)
  select ('00000000-0000-7000-8000-000000b' || lpad(i::text, 5, '0'))::uuid,
         ('00000000-0000-7000-8000-0000000a' || lpad((1 + i % 100)::text, 4, '0'))::uuid,
         case when i % 4 <> 0 then ('00000000-0000-7000-8000-0000000c' || lpad((1 + i % 3)::text, 4, '0'))::uuid end,
         'Book ' || i, case when i % 11 <> 0 then 100 + i end, case when i % 50 <> 0 then 'isbn-' || i end, i
    from generate_series(1, 400) i;
