with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint)),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint))
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
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in (?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at"
from assigned
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in daily
"facts_daily" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  sum(case when "f"."__unit" is not null and "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', cast(? as timestamp(6))) then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_open.value",
  sum(case when "f"."__unit" is not null and "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '86400' second and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then cast((orders) as double) end) as "daily_orders_later.value",
  sum(case when "f"."__unit" is not null and "f"."__at" >= date_trunc('day', "x"."__exposed_at") and "f"."__at" < date_trunc('day', "x"."__exposed_at") + interval '259200' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value",
  sum(case when "f"."__unit" is not null and "f"."__at" < date_trunc('day', "x"."__exposed_at") then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "daily_revenue.value.before"
from (
  select s.*, "user_id" as "__unit", cast("ds" as timestamp(6)) as "__at"
  from "shop"."daily" as s
  where cast("ds" as timestamp(6)) >= cast(? as timestamp(6)) and cast("ds" as timestamp(6)) < cast(? as timestamp(6))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= date_trunc('day', "x"."__exposed_at") + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  cast("x"."daily_open.value" as double) as "daily_open.value",
  cast("x"."daily_orders_later.value" as double) as "daily_orders_later.value",
  cast("x"."daily_revenue.value" as double) as "daily_revenue.value",
  cast("x"."daily_revenue.value.before" as double) as "daily_revenue.value.before",
  case when "x"."daily_revenue.value.before" is not null then 1e0 else 0e0 end as "daily_revenue.before",
  cast("facts_events"."revenue.value" as double) as "revenue.value"
from "facts_daily" as x
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
