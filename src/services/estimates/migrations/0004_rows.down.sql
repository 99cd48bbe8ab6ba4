drop function business_days_after(date, int);
drop function estimate_scope(uuid);
drop function text_array(jsonb);
drop function patched(jsonb, text, text);
drop function tier_rank(text);
drop view tier_rows;
drop view product_rows;
drop function estimate_visible(text, uuid, uuid);
drop view estimate_rows;
