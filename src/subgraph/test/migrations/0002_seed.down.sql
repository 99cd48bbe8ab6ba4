delete from books;
delete from authors;
delete from publishers;
