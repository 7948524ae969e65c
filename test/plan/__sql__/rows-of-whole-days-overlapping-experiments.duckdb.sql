with
-- the variants as configured
"configured" as (
select * from (values
  (cast($1 as varchar), cast($2 as varchar), cast(0 as smallint), cast($3 as timestamp), cast($4 as timestamp), cast($5 as timestamp), cast($6 as timestamp)),
  (cast($7 as varchar), cast($8 as varchar), cast(1 as smallint), cast($9 as timestamp), cast($10 as timestamp), cast($11 as timestamp), cast($12 as timestamp)),
  (cast($13 as varchar), cast($14 as varchar), cast(0 as smallint), cast($15 as timestamp), cast($16 as timestamp), cast($17 as timestamp), cast($18 as timestamp)),
  (cast($19 as varchar), cast($20 as varchar), cast(1 as smallint), cast($21 as timestamp), cast($22 as timestamp), cast($23 as timestamp), cast($24 as timestamp)),
  (cast($25 as varchar), cast($26 as varchar), cast(2 as smallint), cast($27 as timestamp), cast($28 as timestamp), cast($29 as timestamp), cast($30 as timestamp))
) as c ("experiment", "variant", "arm", "enrol_from", "enrol_until", "observed_until", "measured_until")
),
-- assignments with a known unit and a configured variant, inside the enrolment period
"assigned" as (
select
  "c"."experiment",
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  "c"."observed_until",
  "c"."measured_until"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in ($31, $32) and "assigned_at" >= (cast($33 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($34 as timestamp) at time zone 'UTC')
) as s
join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and ("c"."enrol_from" is null or "s"."__at" >= "c"."enrol_from") and "s"."__at" < "c"."enrol_until"
),
-- first exposure of each unit
"exposures" as materialized (
select
  "experiment",
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  min("observed_until") as "observed_until",
  min("measured_until") as "measured_until"
from assigned
group by "experiment", "unit"
having min("arm") = max("arm")
),
-- what each unit did in daily
"facts_daily" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  sum(case when "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__measured_until") then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_open.value",
  sum(case when "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value",
  sum(case when "f"."__at" < date_trunc('day', "x"."__exposed_at") then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value.before"
from (select "experiment" as "__experiment", "unit" as "__exposed_unit", "exposed_at" as "__exposed_at", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x
join (
  select s.*, "user_id" as "__unit", cast("ds" as timestamp) as "__at"
  from "shop"."daily" as s
  where cast("ds" as timestamp) >= cast($35 as timestamp) and cast("ds" as timestamp) < cast($36 as timestamp)
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < date_trunc('day', "x"."__observed_until") and "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '-345600' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."experiment",
  "x"."arm",
  cast("facts_daily"."daily_open.value" as double) as "daily_open.value",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then coalesce(cast("facts_daily"."daily_revenue.value" as double), 0e0) end as "daily_revenue.value",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then coalesce(cast("facts_daily"."daily_revenue.value.before" as double), 0e0) end as "daily_revenue.value.before",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then case when "facts_daily"."daily_revenue.value.before" is not null then 1e0 else 0e0 end end as "daily_revenue.before"
from "exposures" as x
left join "facts_daily" on "facts_daily"."experiment" = "x"."experiment" and "facts_daily"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."experiment",
  "u"."arm",
  count(*) as "exposed",
  count(*) as "daily_open.units",
  sum("u"."daily_open.value") as "daily_open.value.sum",
  sum("u"."daily_open.value" * "u"."daily_open.value") as "daily_open.value.square",
  count("u"."daily_revenue.value") as "daily_revenue.units",
  sum("u"."daily_revenue.value") as "daily_revenue.value.sum",
  sum("u"."daily_revenue.value.before") as "daily_revenue.value.before.sum",
  sum("u"."daily_revenue.value" * "u"."daily_revenue.value") as "daily_revenue.value.square",
  sum("u"."daily_revenue.value.before" * "u"."daily_revenue.value") as "daily_revenue.value by value.before",
  sum("u"."daily_revenue.value.before" * "u"."daily_revenue.value.before") as "daily_revenue.value.before.square",
  sum("u"."daily_revenue.before") as "daily_revenue.with_before"
from units as u
group by "u"."experiment", "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm" and "c"."experiment" = "r"."experiment"
order by "r"."experiment", "r"."arm"
-- parameters: ["checkout","control","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","checkout","treatment","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","pricing","a","2026-03-25 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","pricing","b","2026-03-25 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","pricing","c","2026-03-25 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","checkout","pricing","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-16 00:00:00.000000","2026-03-30 00:00:00.000000"]
