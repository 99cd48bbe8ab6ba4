drop table schedule_blocks;
drop table crew_assignments;
drop table crew_members;
drop table crews;
