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
  sum(case when "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', cast($8 as timestamp)) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_open.value",
  sum(case when "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '86400' second and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then cast((orders) as double) end) as "daily_orders_later.value",
  sum(case when "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value",
  sum(case when "f"."__at" < date_trunc('day', "x"."__exposed_at") then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", cast("ds" as timestamp) as "__at"
  from "shop"."daily" as s
  where cast("ds" as timestamp) >= cast($9 as timestamp) and cast("ds" as timestamp) < cast($10 as timestamp)
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($11 as timestamp) at time zone 'UTC') and "event_at" < (cast($12 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  cast("facts_daily"."daily_open.value" as double) as "daily_open.value",
  cast("facts_daily"."daily_orders_later.value" as double) as "daily_orders_later.value",
  cast("facts_daily"."daily_revenue.value" as double) as "daily_revenue.value",
  cast("facts_daily"."daily_revenue.value.before" as double) as "daily_revenue.value.before",
  case when "facts_daily"."daily_revenue.value.before" is not null then 1e0 else 0e0 end as "daily_revenue.before",
  cast("facts_events"."revenue.value" as double) as "revenue.value"
from "exposures" as x
left join "facts_daily" on "facts_daily"."unit" = "x"."unit"
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "daily_open.units",
  sum("u"."daily_open.value") as "daily_open.value.sum",
  sum("u"."daily_open.value" * "u"."daily_open.value") as "daily_open.value.square",
  count(*) as "daily_orders_later.units",
  sum("u"."daily_orders_later.value") as "daily_orders_later.value.sum",
  sum("u"."daily_orders_later.value" * "u"."daily_orders_later.value") as "daily_orders_later.value.square",
  count(*) as "daily_revenue.units",
  sum("u"."daily_revenue.value") as "daily_revenue.value.sum",
  sum("u"."daily_revenue.value.before") as "daily_revenue.value.before.sum",
  sum("u"."daily_revenue.value" * "u"."daily_revenue.value") as "daily_revenue.value.square",
  sum("u"."daily_revenue.value.before" * "u"."daily_revenue.value") as "daily_revenue.value by value.before",
  sum("u"."daily_revenue.value.before" * "u"."daily_revenue.value.before") as "daily_revenue.value.before.square",
  sum("u"."daily_revenue.before") as "daily_revenue.with_before",
  count(*) as "revenue.units",
  sum("u"."revenue.value") as "revenue.value.sum",
  sum("u"."revenue.value" * "u"."revenue.value") as "revenue.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-16 00:00:00.000000","2026-03-30 00:00:00.000000","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000"]
