-- name: RATE_CARDS_BY_ID
-- key: id
select * from rate_cards where id = any($1::uuid[])

-- name: RATE_CARDS
select * from rate_cards order by name, version

-- name: PRODUCTION_RATES_BY_CARD
-- key: rate_card_id
select * from production_rates where rate_card_id = any($1::uuid[]) order by surface, substrate, method

-- name: PREP_RATES_BY_CARD
-- key: rate_card_id
select * from prep_rates where rate_card_id = any($1::uuid[]) order by surface, level

-- name: HEIGHT_FACTORS_BY_CARD
-- key: rate_card_id
select * from height_factors where rate_card_id = any($1::uuid[]) order by factor_bp

-- name: CONDITION_FACTORS_BY_CARD
-- key: rate_card_id
select * from condition_factors where rate_card_id = any($1::uuid[]) order by factor_bp

-- name: RECIPES_BY_CARD
-- key: rate_card_id
select * from tier_recipes where rate_card_id = any($1::uuid[]) order by kind, tier_rank(tier)

-- name: RATE_CARD_DOCUMENT
select rate_card_document($1::uuid) as document
