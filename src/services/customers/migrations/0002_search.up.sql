-- One search document for each customer: names, channels, contacts, addresses. Kept by triggers on the three tables.
create table customer_search (
  customer_id uuid primary key references customers (id) on delete cascade,
  body text not null,
  words tsvector not null,
  grams text not null -- the body without accents, for trigrams
);
create index customer_search_words on customer_search using gin (words);
create index customer_search_grams on customer_search using gin (grams gin_trgm_ops);

create function customer_search_refresh(ids uuid[]) returns void language sql as $$
  insert into customer_search (customer_id, body, words, grams)
  select c.id, d.body,
         setweight(to_tsvector('paintbox', concat_ws(' ', c.display_name, c.first_name, c.last_name, c.number)), 'A')
           || setweight(to_tsvector('paintbox', d.body), 'C'),
         plain(d.body)
    from customers c
    cross join lateral (
      select concat_ws(' · ',
        c.display_name,
        nullif(nullif(concat_ws(' ', c.first_name, c.last_name), ''), c.display_name),
        c.number, c.email, c.phone,
        (select string_agg(concat_ws(' ', k.first_name, k.last_name, k.email, k.phone), ' · ' order by k.created_at, k.id)
           from contacts k where k.customer_id = c.id and k.deleted_at is null),
        (select string_agg(concat_ws(' ', p.label, p.line1, p.line2, p.city, p.region, p.postal_code), ' · ' order by p.created_at, p.id)
           from properties p where p.customer_id = c.id and p.deleted_at is null),
        array_to_string(c.tags, ' ')) as body) d
   where c.id = any(ids)
  on conflict (customer_id) do update set body = excluded.body, words = excluded.words, grams = excluded.grams
$$;

create function customer_search_customers() returns trigger language plpgsql as $$
begin
  perform customer_search_refresh((select array_agg(id) from changed));
  return null;
end $$;
create function customer_search_children() returns trigger language plpgsql as $$
begin
  perform customer_search_refresh((select array_agg(distinct customer_id) from changed));
  return null;
end $$;

create trigger customers_search_insert after insert on customers
  referencing new table as changed for each statement execute function customer_search_customers();
create trigger customers_search_update after update on customers
  referencing new table as changed for each statement execute function customer_search_customers();
create trigger contacts_search_insert after insert on contacts
  referencing new table as changed for each statement execute function customer_search_children();
create trigger contacts_search_update after update on contacts
  referencing new table as changed for each statement execute function customer_search_children();
create trigger properties_search_insert after insert on properties
  referencing new table as changed for each statement execute function customer_search_children();
create trigger properties_search_update after update on properties
  referencing new table as changed for each statement execute function customer_search_children();

-- "smith jon" → 'smith':* & 'jon':*; NULL when there is no word in it.
create function prefix_query(q text) returns tsquery language sql stable strict as $$
  select to_tsquery('paintbox', nullif(string_agg(quote_literal(w) || ':*', ' & '), ''))
    from regexp_split_to_table(regexp_replace(plain(q), '[^[:alnum:]@.+_-]+', ' ', 'g'), '\s+') w
   where w <> ''
$$;
-- Text for pages: the fragment around the hit, with <mark>; everything else is escaped.
create function highlight(body text, q tsquery) returns text language sql stable as $$
  select ts_headline('paintbox', replace(replace(replace(body, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), q,
                     'StartSel=<mark>, StopSel=</mark>, MaxWords=16, MinWords=6, MaxFragments=1')
$$;

-- Who matches: all words as prefixes, or near enough by trigrams ("Jonson" finds Johnson). At most 1,000, best first.
create function search_customers(q text) returns table (id uuid, body text, score float8) language sql stable
set pg_trgm.word_similarity_threshold = 0.45 as $$
  select s.customer_id, s.body,
         round((coalesce(ts_rank(s.words, prefix_query(q)), 0) + word_similarity(plain(q), s.grams)
                + case when s.words @@ prefix_query(q) then 1 else 0 end)::numeric, 6)::float8 as score
    from customer_search s
   where s.words @@ prefix_query(q) or plain(q) <% s.grams
   order by score desc, s.customer_id
   limit 1000
$$;
