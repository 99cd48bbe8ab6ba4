drop table books;
drop table publishers;
drop table authors;
drop type author_kind;
