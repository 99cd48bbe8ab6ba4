update rate_cards set status = 'DRAFT', published_at = null where id = '01900000-0000-7000-8000-000000099000';
delete from tier_recipes where rate_card_id = '01900000-0000-7000-8000-000000099000';
delete from prep_rates where rate_card_id = '01900000-0000-7000-8000-000000099000';
delete from production_rates where rate_card_id = '01900000-0000-7000-8000-000000099000';
delete from condition_factors where rate_card_id = '01900000-0000-7000-8000-000000099000';
delete from height_factors where rate_card_id = '01900000-0000-7000-8000-000000099000';
delete from rate_cards where id = '01900000-0000-7000-8000-000000099000';
delete from paint_products where brand = 'Meridian';
