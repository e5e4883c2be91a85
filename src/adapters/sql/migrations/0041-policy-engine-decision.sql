alter table policy_decision add column engine_decision text;
