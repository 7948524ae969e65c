with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(2 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)))
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
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in (?, ?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and ("c"."enrol_from" is null or "s"."__at" >= "c"."enrol_from") and "s"."__at" < "c"."enrol_until"
),
-- first exposure of each unit
"exposures" as (
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
-- every exposed unit and what it did in daily
"facts_daily" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__observed_until") as "observed_until",
  any_value("x"."__measured_until") as "measured_until",
  sum(case when "f"."__unit" is not null and "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__measured_until") then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_open.value",
  sum(case when "f"."__unit" is not null and "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value",
  sum(case when "f"."__unit" is not null and "f"."__at" < date_trunc('day', "x"."__exposed_at") then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value.before"
from (
  select s.*, "user_id" as "__unit", cast("ds" as timestamp(6)) as "__at"
  from "shop"."daily" as s
  where cast("ds" as timestamp(6)) >= cast(? as timestamp(6)) and cast("ds" as timestamp(6)) < cast(? as timestamp(6))
) as f
right join (select "experiment" as "__experiment", "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < date_trunc('day', "x"."__observed_until") and "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '-345600' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."experiment",
  "x"."arm",
  cast("x"."daily_open.value" as double) as "daily_open.value",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then coalesce(cast("x"."daily_revenue.value" as double), 0e0) end as "daily_revenue.value",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then coalesce(cast("x"."daily_revenue.value.before" as double), 0e0) end as "daily_revenue.value.before",
  case when "x"."exposed_at" + interval '259200' second <= "x"."observed_until" then case when "x"."daily_revenue.value.before" is not null then 1e0 else 0e0 end end as "daily_revenue.before"
from "facts_daily" as x
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
