drop function search_projects(text);
drop function text_array(jsonb);
drop function patched(jsonb, text, text);
drop function project_visible(uuid, uuid, uuid, uuid, int);
drop view project_rows;
