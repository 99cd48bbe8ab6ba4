create type author_kind as enum ('POET', 'NOVELIST');
create table authors (
  id uuid primary key,
  name text not null,
  kind author_kind not null,
  born date,
  active boolean not null default true,
  rating double precision,
  balance bigint,
  tags text[] not null default '{}',
  scores integer[],
  meta jsonb,
  address jsonb,
  previous_addresses jsonb not null default '[]',
  created_at timestamptz not null,
  last_seen timestamptz,
  version integer not null default 1
);
create index authors_name on authors (lower(name), id);
create table publishers (id uuid primary key, name text not null);
create table books (
  id uuid primary key,
  author_id uuid not null references authors,
  publisher_id uuid references publishers,
  title text not null,
  pages integer,
  isbn text,
  position integer not null
);
create unique index books_title on books (author_id, title);
create index books_author on books (author_id, position, id);
