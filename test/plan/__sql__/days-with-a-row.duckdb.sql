with
-- the variants as configured
"configured" as (
select * from (values
  (cast($1 as varchar), cast($2 as varchar), cast(0 as smallint)),
  (cast($3 as varchar), cast($4 as varchar), cast(1 as smallint))
) as c ("experiment", "variant", "arm")
),
-- assignments with a known unit and a configured variant, inside the enrolment period
"assigned" as (
select
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as materialized (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at"
from assigned
group by "unit"
having min("arm") = max("arm")
),
-- what each unit did in daily
"facts_daily" as (
select
  "x"."__exposed_unit" as "unit",
  count(distinct floor(cast(epoch_us("f"."__at") as double) / 86400000000e0)) as "daily_days.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", cast("ds" as timestamp) as "__at"
  from "shop"."daily" as s
  where cast("ds" as timestamp) >= cast($8 as timestamp) and cast("ds" as timestamp) < cast($9 as timestamp)
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '604800' second
group by "x"."__exposed_unit"
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  count(distinct case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast(floor((epoch_us("f"."__at") - epoch_us("x"."__exposed_at")) / 86400000000e0) as bigint) end) as "active_days.value",
  count(distinct case when "f"."__at" < "x"."__exposed_at" then cast(floor((epoch_us("f"."__at") - epoch_us("x"."__exposed_at")) / 86400000000e0) as bigint) end) as "days_adjusted.value.before",
  count(distinct case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast($10 as timestamp) then cast(floor((epoch_us("f"."__at") - epoch_us("x"."__exposed_at")) / 86400000000e0) as bigint) end) as "shopping_days.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($11 as timestamp) at time zone 'UTC') and "event_at" < (cast($12 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-302400' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then coalesce(cast("facts_events"."active_days.value" as double), 0e0) end as "active_days.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then coalesce(cast("facts_daily"."daily_days.value" as double), 0e0) end as "daily_days.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then coalesce(cast("facts_events"."days_adjusted.value.before" as double), 0e0) end as "days_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then case when "facts_events"."days_adjusted.value.before" > 0 then 1e0 else 0e0 end end as "days_adjusted.before",
  cast("facts_events"."shopping_days.value" as double) as "shopping_days.value"
from "exposures" as x
left join "facts_daily" on "facts_daily"."unit" = "x"."unit"
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."active_days.value") as "active_days.units",
  sum("u"."active_days.value") as "active_days.value.sum",
  sum("u"."active_days.value" * "u"."active_days.value") as "active_days.value.square",
  count(case when "u"."active_days.value" <> 0e0 then 1 end) as "active_days.with_value",
  count("u"."daily_days.value") as "daily_days.units",
  sum("u"."daily_days.value") as "daily_days.value.sum",
  sum("u"."daily_days.value" * "u"."daily_days.value") as "daily_days.value.square",
  count(case when "u"."daily_days.value" <> 0e0 then 1 end) as "daily_days.with_value",
  count("u"."active_days.value") as "days_adjusted.units",
  sum("u"."active_days.value") as "days_adjusted.value.sum",
  sum("u"."days_adjusted.value.before") as "days_adjusted.value.before.sum",
  sum("u"."active_days.value" * "u"."active_days.value") as "days_adjusted.value.square",
  sum("u"."days_adjusted.value.before" * "u"."active_days.value") as "days_adjusted.value by value.before",
  sum("u"."days_adjusted.value.before" * "u"."days_adjusted.value.before") as "days_adjusted.value.before.square",
  sum("u"."days_adjusted.before") as "days_adjusted.with_before",
  count(case when "u"."active_days.value" <> 0e0 then 1 end) as "days_adjusted.with_value",
  count(*) as "shopping_days.units",
  sum("u"."shopping_days.value") as "shopping_days.value.sum",
  sum("u"."shopping_days.value" * "u"."shopping_days.value") as "shopping_days.value.square",
  count(case when "u"."shopping_days.value" <> 0e0 then 1 end) as "shopping_days.with_value"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 12:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
