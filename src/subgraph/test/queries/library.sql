-- name: AUTHORS_BY_ID
-- key: id
select * from authors where id = any($1::uuid[])

-- name: PUBLISHERS_BY_ID
-- key: id
select * from publishers where id = any($1::uuid[])

-- name: BOOKS_BY_ID
-- key: id
select * from books where id = any($1::uuid[]) and ($2::text is null or position < $2::integer)

-- name: BOOKS_BY_AUTHOR
-- key: author_id
select * from books where author_id = any($1::uuid[]) order by author_id, position

-- name: BOOK_COUNTS
-- key: author_id
select author_id, count(*) from books where author_id = any($1::uuid[]) group by author_id

-- name: PAGE_SUMS
-- key: author_id
select author_id, sum(pages) from books where author_id = any($1::uuid[]) group by author_id

-- name: HAVE_BOOKS
-- key: author_id
select distinct author_id, true from books where author_id = any($1::uuid[])

-- name: LATEST_BOOKS
-- key: author_id
select distinct on (author_id) * from books where author_id = any($1::uuid[]) order by author_id, position desc

-- name: BOOKS_PAGE
-- key: author_id
-- order: POSITION position integer
select b.* from unnest($3::uuid[]) k(parent) cross join lateral (
  select * from books where author_id = k.parent and /+page+/ /+order+/ limit /+limit+/) b
-- count: select author_id, count(*) from books where author_id = any($3::uuid[]) group by author_id

-- name: AUTHORS
-- order: NAME        lower(name) text
-- order: CREATED_AT  created_at timestamptz
select a.*, row_number() over (/+order+/) as rank from authors a
 where ($3::text[] is null or kind::text = any($3)) and ($4::text is null or name ilike '%' || $4 || '%') and /+page+/
 /+order+/ limit /+limit+/
-- count: select count(*) from authors
--   where ($3::text[] is null or kind::text = any($3)) and ($4::text is null or name ilike '%' || $4 || '%')

-- name: SOME_BOOKS
select * from books where position <= 3 or position = 50 order by position

-- name: AUTHOR_RENAME
update authors set name = $2, version = version + 1 where id = $1::uuid and version = $3::int returning *

-- name: AUTHOR_VERSION
select version from authors where id = $1::uuid

-- name: AUTHOR_BREAK
update authors set kind = $2::text::author_kind where id = $1::uuid returning *

-- name: BOOK_ADD
insert into books (id, author_id, title, position) values ($1::uuid, $2::uuid, $3, 1000) returning *

-- name: SLEEP
select pg_sleep($1::float8)
