-- Customers, their contacts and their job sites.
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Words as they are, without accents: names are not stemmed.
create text search configuration paintbox (copy = simple);
alter text search configuration paintbox alter mapping for hword, hword_part, word, asciiword, asciihword, hword_asciipart
  with unaccent, simple;

-- The dictionary is named, so that the result depends on nothing but the text.
create function plain(t text) returns text language sql immutable parallel safe strict as
$$ select lower(public.unaccent('public.unaccent'::regdictionary, t)) $$;

-- Great-circle distance in metres on a sphere of radius 6,371,008.8 m.
create function distance_m(lat1 float8, lng1 float8, lat2 float8, lng2 float8) returns float8
language sql immutable parallel safe strict as $$
  select 2 * 6371008.8 * asin(least(1, sqrt(
    sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ^ 2)))
$$;

-- The box that holds the circle; all longitudes near the poles. Circles over the 180th meridian keep only their own side.
create function around(lat float8, lng float8, radius float8) returns box
language sql immutable parallel safe strict as $$
  select case when abs(lat) + d >= 89 then box(point(-180, lat - d), point(180, lat + d))
              else box(point(lng - d / cos(radians(abs(lat) + d)), lat - d), point(lng + d / cos(radians(abs(lat) + d)), lat + d)) end
    from (select degrees(radius / 6371008.8) * 1.001 as d) r
$$;

create sequence customer_number;

create table customers (
  id uuid primary key,
  number text not null unique default 'C-' || lpad(nextval('customer_number')::text, 6, '0'),
  type text not null default 'RESIDENTIAL'
    check (type in ('RESIDENTIAL', 'COMMERCIAL', 'PROPERTY_MANAGER', 'HOA', 'GENERAL_CONTRACTOR', 'GOVERNMENT')),
  status text not null default 'PROSPECT'
    check (status in ('PROSPECT', 'ACTIVE', 'INACTIVE', 'DO_NOT_CONTACT', 'MERGED', 'ARCHIVED')),
  status_before_archive text,
  first_name text,
  last_name text,
  company_name text,
  display_name text not null generated always as (
    coalesce(nullif(company_name, ''), trim(both from coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) stored,
  email text check (email = lower(email)),
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  preferred_contact_method text not null default 'EMAIL'
    check (preferred_contact_method in ('EMAIL', 'PHONE', 'SMS', 'MAIL', 'PORTAL')),
  marketing_opt_in boolean not null default false,
  billing_address jsonb, -- members of GraphQL's Address
  lead_source text check (lead_source in ('REFERRAL', 'REPEAT', 'WEBSITE', 'GOOGLE_ADS', 'FACEBOOK', 'YARD_SIGN', 'HOME_SHOW', 'ANGI',
    'THUMBTACK', 'PAINT_STORE', 'PARTNER', 'OTHER')),
  tags text[] not null default '{}',
  tax_exempt boolean not null default false,
  tax_exempt_id text,
  payment_terms_days int not null default 0 check (payment_terms_days between 0 and 365),
  credit_hold boolean not null default false,
  owner_id uuid,
  custom_fields jsonb,
  salesforce_id text unique,
  merged_into uuid references customers (id),
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check (coalesce(first_name, last_name, company_name) is not null),
  check ((status = 'MERGED') = (merged_into is not null))
);
create index customers_updated_at on customers (updated_at, id) where deleted_at is null;
create index customers_created_at on customers (created_at, id) where deleted_at is null;
create index customers_display_name on customers (lower(display_name), id) where deleted_at is null;
create index customers_status on customers (status) where deleted_at is null;
create index customers_owner on customers (owner_id) where owner_id is not null;
create index customers_tags on customers using gin (tags);
create index customers_email on customers (email) where email is not null;
create index customers_phone on customers (phone) where phone is not null;
create index customers_name_trigrams on customers using gin (plain(display_name) gin_trgm_ops);
create index customers_merged_into on customers (merged_into) where merged_into is not null;

create table contacts (
  id uuid primary key,
  customer_id uuid not null references customers (id),
  first_name text not null check (first_name <> ''),
  last_name text,
  role text not null default 'HOMEOWNER'
    check (role in ('HOMEOWNER', 'SPOUSE', 'TENANT', 'PROPERTY_MANAGER', 'FACILITIES', 'BOOKKEEPER', 'SITE_SUPERINTENDENT', 'OTHER')),
  email text check (email = lower(email)),
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  is_primary boolean not null default false,
  can_approve boolean not null default false,
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index contacts_customer on contacts (customer_id, created_at);
create unique index contacts_one_primary on contacts (customer_id) where is_primary and deleted_at is null;

create table properties (
  id uuid primary key,
  customer_id uuid not null references customers (id),
  label text,
  line1 text not null check (line1 <> ''),
  line2 text,
  city text not null check (city <> ''),
  region text not null check (region ~ '^[A-Z0-9]{1,3}$'),
  postal_code text not null check (postal_code <> ''),
  country text not null default 'US' check (country ~ '^[A-Z]{2}$'),
  lat float8 check (lat between -90 and 90),
  lng float8 check (lng between -180 and 180),
  time_zone text,
  kind text not null default 'SINGLE_FAMILY'
    check (kind in ('SINGLE_FAMILY', 'CONDO', 'TOWNHOUSE', 'MULTI_FAMILY', 'OFFICE', 'RETAIL', 'INDUSTRIAL', 'INSTITUTIONAL')),
  year_built int check (year_built between 1500 and 2200),
  lead_paint_status text not null default 'UNKNOWN'
    check (lead_paint_status in ('UNKNOWN', 'PRESUMED', 'TESTED_NEGATIVE', 'TESTED_POSITIVE', 'NOT_APPLICABLE')),
  stories int check (stories between 1 and 200),
  living_area_sqft int check (living_area_sqft > 0),
  hoa_name text,
  access_notes text,
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((lat is null) = (lng is null))
);
create index properties_customer on properties (customer_id, created_at);
create index properties_region on properties (region);
create index properties_location on properties using gist (point(lng, lat)) where lat is not null;
create index properties_address on properties (plain(line1), postal_code);
