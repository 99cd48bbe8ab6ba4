drop table estimate_facts;
