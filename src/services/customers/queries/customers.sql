-- name: CUSTOMERS_BY_ID
-- key: id
select * from customers where id = any($1::uuid[]) and deleted_at is null and ($2::uuid is null or id = $2::uuid)

-- name: CUSTOMER_BY_ID
select * from customers where id = $1::uuid and deleted_at is null and ($2::uuid is null or id = $2::uuid)

-- name: CUSTOMER_BY_SALESFORCE_ID
select * from customers where salesforce_id = $1 and deleted_at is null and ($2::uuid is null or id = $2::uuid)

-- name: CUSTOMERS
-- order: UPDATED_AT c.updated_at timestamptz
-- order: CREATED_AT c.created_at timestamptz
-- order: NAME       lower(c.display_name) text
-- order: NUMBER     c.number text
-- id: c.id uuid
select c.* from customers c
 where c.deleted_at is null
   and ($3::text[] is null or c.type = any($3::text[]))
   and ($4::text[] is null or c.status = any($4::text[]))
   and ($5::text[] is null or c.tags && $5::text[])
   and ($6::uuid is null or c.owner_id = $6::uuid)
   and ($7::text[] is null or c.lead_source = any($7::text[]))
   and ($8::text is null or exists (select 1 from properties p
          where p.customer_id = c.id and p.region = $8 and p.deleted_at is null))
   and ($9::timestamptz is null or c.created_at >= $9::timestamptz)
   and ($10::timestamptz is null or c.created_at < $10::timestamptz)
   and ($11::timestamptz is null or c.updated_at >= $11::timestamptz)
   and ($12::timestamptz is null or c.updated_at < $12::timestamptz)
   and ($13::float8 is null or exists (select 1 from properties p
          where p.customer_id = c.id and p.deleted_at is null
            and point(p.lng, p.lat) <@ around($13::float8, $14::float8, $15::float8)
            and distance_m(p.lat, p.lng, $13::float8, $14::float8) <= $15::float8))
   and ($16::uuid is null or c.id = $16::uuid)
   and /+page+/
 /+order+/ limit /+limit+/
-- count: select count(*) from customers c
--  where c.deleted_at is null
--    and ($3::text[] is null or c.type = any($3::text[]))
--    and ($4::text[] is null or c.status = any($4::text[]))
--    and ($5::text[] is null or c.tags && $5::text[])
--    and ($6::uuid is null or c.owner_id = $6::uuid)
--    and ($7::text[] is null or c.lead_source = any($7::text[]))
--    and ($8::text is null or exists (select 1 from properties p
--           where p.customer_id = c.id and p.region = $8 and p.deleted_at is null))
--    and ($9::timestamptz is null or c.created_at >= $9::timestamptz)
--    and ($10::timestamptz is null or c.created_at < $10::timestamptz)
--    and ($11::timestamptz is null or c.updated_at >= $11::timestamptz)
--    and ($12::timestamptz is null or c.updated_at < $12::timestamptz)
--    and ($13::float8 is null or exists (select 1 from properties p
--           where p.customer_id = c.id and p.deleted_at is null
--             and point(p.lng, p.lat) <@ around($13::float8, $14::float8, $15::float8)
--             and distance_m(p.lat, p.lng, $13::float8, $14::float8) <= $15::float8))
--    and ($16::uuid is null or c.id = $16::uuid)

-- name: SEARCH_CUSTOMERS
-- order: SCORE r.score float8
-- id: r.id uuid
select c.*, r.score, highlight(r.body, prefix_query($3::text)) as highlight
  from search_customers($3::text) r
  join customers c on c.id = r.id
 where c.deleted_at is null
   and ($4::text[] is null or c.type = any($4::text[]))
   and ($5::text[] is null or c.status = any($5::text[]))
   and ($6::text[] is null or c.tags && $6::text[])
   and ($7::uuid is null or c.owner_id = $7::uuid)
   and ($8::text[] is null or c.lead_source = any($8::text[]))
   and ($9::text is null or exists (select 1 from properties p
          where p.customer_id = c.id and p.region = $9 and p.deleted_at is null))
   and ($10::timestamptz is null or c.created_at >= $10::timestamptz)
   and ($11::timestamptz is null or c.created_at < $11::timestamptz)
   and ($12::timestamptz is null or c.updated_at >= $12::timestamptz)
   and ($13::timestamptz is null or c.updated_at < $13::timestamptz)
   and ($14::float8 is null or exists (select 1 from properties p
          where p.customer_id = c.id and p.deleted_at is null
            and point(p.lng, p.lat) <@ around($14::float8, $15::float8, $16::float8)
            and distance_m(p.lat, p.lng, $14::float8, $15::float8) <= $16::float8))
   and ($17::uuid is null or c.id = $17::uuid)
   and /+page+/
 /+order+/ limit /+limit+/

-- name: DUPLICATE_CANDIDATES
-- An equal address counts when the names are alike.
select c.*, m.score, m.reasons
  from (select x.id, max(x.score) as score, array_agg(distinct x.reason) as reasons
          from (select id, 1.0::float8 as score, 'EMAIL' as reason from customers where email = lower($2::text)
                union all
                select id, 0.95, 'PHONE' from customers where phone = $3::text
                union all
                select n.id, similarity(plain(n.display_name), plain($4::text)), 'ADDRESS_AND_NAME'
                  from unnest($5::text[], $6::text[]) a(line1, postal_code)
                  join properties p on plain(p.line1) = plain(a.line1) and p.postal_code = a.postal_code and p.deleted_at is null
                  join customers n on n.id = p.customer_id
                 where similarity(plain(n.display_name), plain($4::text)) >= 0.6) x
         group by x.id) m
  join customers c on c.id = m.id
 where c.id is distinct from $1::uuid and c.deleted_at is null and c.status <> 'MERGED'
 order by m.score desc, c.id
 limit 10

-- name: ADDRESSES_OF_CUSTOMER
select array_agg(line1) as lines, array_agg(postal_code) as codes from properties where customer_id = $1::uuid and deleted_at is null

-- name: CUSTOMER_LOCK
select c.*, to_jsonb(c) as row_json from customers c where c.id = $1::uuid and c.deleted_at is null for update

-- name: CUSTOMER_INSERT
insert into customers (id, type, status, first_name, last_name, company_name, email, phone, preferred_contact_method, marketing_opt_in,
    billing_address, lead_source, tags, owner_id, custom_fields, created_by)
select $1::uuid, i ->> 'type', 'PROSPECT', i ->> 'firstName', i ->> 'lastName', i ->> 'companyName', i ->> 'email', i ->> 'phone',
       i ->> 'preferredContactMethod', (i ->> 'marketingOptIn')::boolean, nullif(i -> 'billingAddress', 'null'), i ->> 'leadSource',
       text_array(i -> 'tags'), (i ->> 'ownerId')::uuid, nullif(i -> 'customFields', 'null'), $3::uuid
  from (select $2::jsonb as i) x
returning *, to_jsonb(customers) as row_json

-- name: CUSTOMER_UPDATE
update customers c set
    type = coalesce(i ->> 'type', c.type),
    status = coalesce(i ->> 'status', c.status),
    first_name = patched(i, 'firstName', c.first_name),
    last_name = patched(i, 'lastName', c.last_name),
    company_name = patched(i, 'companyName', c.company_name),
    email = patched(i, 'email', c.email),
    phone = patched(i, 'phone', c.phone),
    preferred_contact_method = coalesce(i ->> 'preferredContactMethod', c.preferred_contact_method),
    marketing_opt_in = coalesce((i ->> 'marketingOptIn')::boolean, c.marketing_opt_in),
    billing_address = case when i ? 'billingAddress' then nullif(i -> 'billingAddress', 'null') else c.billing_address end,
    lead_source = patched(i, 'leadSource', c.lead_source),
    tags = case when i ? 'tags' then text_array(i -> 'tags') else c.tags end,
    owner_id = patched(i, 'ownerId', c.owner_id::text)::uuid,
    tax_exempt = coalesce((i ->> 'taxExempt')::boolean, c.tax_exempt),
    tax_exempt_id = patched(i, 'taxExemptId', c.tax_exempt_id),
    payment_terms_days = coalesce((i ->> 'paymentTermsDays')::int, c.payment_terms_days),
    credit_hold = coalesce((i ->> 'creditHold')::boolean, c.credit_hold),
    custom_fields = case when i ? 'customFields' then nullif(i -> 'customFields', 'null') else c.custom_fields end,
    version = c.version + 1,
    updated_at = now()
  from (select $2::jsonb as i) x
 where c.id = $1::uuid
returning c.*, to_jsonb(c) as row_json

-- name: CUSTOMER_ARCHIVE
update customers set status_before_archive = status, status = 'ARCHIVED', version = version + 1, updated_at = now()
 where id = $1::uuid
returning *, to_jsonb(customers) as row_json

-- name: CUSTOMER_RESTORE
update customers set status = coalesce(status_before_archive, 'INACTIVE'), status_before_archive = null, version = version + 1,
       updated_at = now()
 where id = $1::uuid
returning *, to_jsonb(customers) as row_json

-- name: CUSTOMER_TOUCH
update customers set version = version + 1, updated_at = now() where id = $1::uuid
returning *, to_jsonb(customers) as row_json
