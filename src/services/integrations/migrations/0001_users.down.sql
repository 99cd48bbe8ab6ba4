drop table timeline_items;
drop table integration_health;
drop table integrations;
drop table users;
