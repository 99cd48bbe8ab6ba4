-- name: CONTACTS_BY_ID
-- key: id
select * from contacts where id = any($1::uuid[]) and deleted_at is null and ($2::uuid is null or customer_id = $2::uuid)

-- name: CONTACTS_BY_CUSTOMER
-- key: customer_id
select * from contacts where customer_id = any($1::uuid[]) and deleted_at is null order by is_primary desc, created_at, id

-- name: PROPERTIES_BY_ID
-- key: id
select * from property_rows where id = any($1::uuid[]) and ($2::uuid is null or customer_id = $2::uuid)

-- name: PROPERTY_BY_ID
select * from property_rows where id = $1::uuid and ($2::uuid is null or customer_id = $2::uuid)

-- name: PROPERTIES_BY_CUSTOMER
-- key: customer_id
select * from property_rows where customer_id = any($1::uuid[]) order by created_at, id

-- name: PRIMARY_PROPERTY
-- key: customer_id
select distinct on (customer_id) * from property_rows where customer_id = any($1::uuid[]) order by customer_id, created_at, id

-- name: PROPERTIES_NEAR
-- order: DISTANCE r.distance_meters float8
-- id: r.id uuid
select r.*
  from (select p.*, distance_m(p.lat, p.lng, $3::float8, $4::float8) as distance_meters
          from property_rows p
         where point(p.lng, p.lat) <@ around($3::float8, $4::float8, $5::float8)) r
 where r.distance_meters <= $5::float8
   and ($6::uuid is null or r.customer_id = $6::uuid)
   and /+page+/
 /+order+/ limit /+limit+/

-- name: CONTACT_LOCK
select k.*, to_jsonb(k) as row_json from contacts k where k.id = $1::uuid and k.deleted_at is null for update

-- name: CONTACT_DEMOTE
update contacts set is_primary = false, updated_at = now(), version = version + 1
 where customer_id = $1::uuid and is_primary and deleted_at is null and id <> $2::uuid

-- name: CONTACT_INSERT
insert into contacts (id, customer_id, first_name, last_name, role, email, phone, is_primary, can_approve, created_by)
select $1::uuid, $2::uuid, i ->> 'firstName', i ->> 'lastName', i ->> 'role', i ->> 'email', i ->> 'phone',
       (i ->> 'isPrimary')::boolean, (i ->> 'canApprove')::boolean, $4::uuid
  from (select $3::jsonb as i) x
returning *, to_jsonb(contacts) as row_json

-- name: CONTACT_UPDATE
update contacts k set
    first_name = i ->> 'firstName', last_name = i ->> 'lastName', role = i ->> 'role', email = i ->> 'email', phone = i ->> 'phone',
    is_primary = (i ->> 'isPrimary')::boolean, can_approve = (i ->> 'canApprove')::boolean, version = k.version + 1, updated_at = now()
  from (select $2::jsonb as i) x
 where k.id = $1::uuid
returning k.*, to_jsonb(k) as row_json

-- name: CONTACT_REMOVE
update contacts set deleted_at = now(), is_primary = false, updated_at = now(), version = version + 1 where id = $1::uuid
returning *, to_jsonb(contacts) as row_json

-- name: PROPERTY_LOCK
select p.*, to_jsonb(p) as row_json from properties p where p.id = $1::uuid and p.deleted_at is null for update

-- name: PROPERTY_INSERT
insert into properties (id, customer_id, label, line1, line2, city, region, postal_code, country, lat, lng, kind, year_built,
    lead_paint_status, stories, living_area_sqft, hoa_name, access_notes, created_by)
select $1::uuid, $2::uuid, i ->> 'label', a ->> 'line1', a ->> 'line2', a ->> 'city', a ->> 'region', a ->> 'postalCode', a ->> 'country',
       (a -> 'location' ->> 'lat')::float8, (a -> 'location' ->> 'lng')::float8, i ->> 'kind', (i ->> 'yearBuilt')::int,
       i ->> 'leadPaintStatus', (i ->> 'stories')::int, (i ->> 'livingAreaSqft')::int, i ->> 'hoaName', i ->> 'accessNotes', $4::uuid
  from (select $3::jsonb as i, $3::jsonb -> 'address' as a) x
returning id, to_jsonb(properties) as row_json

-- name: PROPERTY_UPDATE
update properties p set
    label = patched(i, 'label', p.label), line1 = a ->> 'line1', line2 = a ->> 'line2', city = a ->> 'city', region = a ->> 'region',
    postal_code = a ->> 'postalCode', country = a ->> 'country',
    lat = case when a ? 'location' then (a -> 'location' ->> 'lat')::float8 else p.lat end,
    lng = case when a ? 'location' then (a -> 'location' ->> 'lng')::float8 else p.lng end,
    kind = i ->> 'kind', year_built = patched(i, 'yearBuilt', p.year_built::text)::int, lead_paint_status = i ->> 'leadPaintStatus',
    stories = patched(i, 'stories', p.stories::text)::int,
    living_area_sqft = patched(i, 'livingAreaSqft', p.living_area_sqft::text)::int,
    hoa_name = patched(i, 'hoaName', p.hoa_name), access_notes = patched(i, 'accessNotes', p.access_notes),
    version = p.version + 1, updated_at = now()
  from (select $2::jsonb as i, $2::jsonb -> 'address' as a) x
 where p.id = $1::uuid
returning p.id, p.version, p.customer_id, to_jsonb(p) as row_json
