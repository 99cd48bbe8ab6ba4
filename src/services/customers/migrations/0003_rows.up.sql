-- Rows as the graph shows them.
create view property_rows as
  select p.*,
         jsonb_build_object('line1', p.line1, 'line2', p.line2, 'city', p.city, 'region', p.region, 'postalCode', p.postal_code,
           'country', p.country, 'timeZone', p.time_zone,
           'location', case when p.lat is not null then jsonb_build_object('lat', p.lat, 'lng', p.lng) end) as address
    from properties p
   where p.deleted_at is null;

-- A member that is given replaces, also with null; one that is absent keeps what is there.
create function patched(input jsonb, member text, current text) returns text language sql immutable as
$$ select case when input ? member then input ->> member else current end $$;
create function text_array(v jsonb) returns text[] language sql immutable as
$$ select case when jsonb_typeof(v) = 'array' then array(select jsonb_array_elements_text(v)) else '{}' end $$;
