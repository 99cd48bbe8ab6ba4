drop function text_array(jsonb);
drop function patched(jsonb, text, text);
drop view property_rows;
