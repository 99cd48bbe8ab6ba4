-- The last state of each estimate that this service was told of.
create table estimate_facts (
  estimate_id uuid primary key,
  version bigint not null,
  status text not null
);
