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
-- what each unit did in events, period by period, and the period that it entered in
"facts_events" as (
select
  "unit",
  "arm",
  "period",
  cast(sum("capped.value") as double) as "capped.value",
  cast(count(distinct "products.value") as double) as "products.value",
  cast(count("products.value.new") as double) as "products.value.new"
from (
  select
  "x"."__exposed_unit" as "unit",
  "x"."__arm" as "arm",
  case when "f"."__unit" is null then cast(date_trunc('day', with_timezone("x"."__exposed_at", 'UTC') at time zone 'Europe/Berlin') as date) else cast(date_trunc('day', with_timezone("f"."__at", 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end as "capped.value",
  case when (event_name = 'purchase') and "f"."__unit" is not null then (product) end as "products.value",
  case when case when (event_name = 'purchase') and "f"."__unit" is not null then (product) end is not null and row_number() over (partition by "x"."__exposed_unit", case when (event_name = 'purchase') and "f"."__unit" is not null then (product) end order by "f"."__at") = 1 then 1 end as "products.value.new"
  from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
  right join (
  select
  "x"."unit" as "__exposed_unit",
  "x"."arm" as "__arm",
  "x"."exposed_at" as "__exposed_at",
  case when "e"."entry" = 0 then "x"."unit" end as "__met"
  from exposures as x
  cross join (values (0), (1)) as e ("entry")
) as x on "f"."__unit" = "x"."__met" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
) as r
group by "unit", "arm", "period"
),
-- each unit's sums up to the end of each of its periods
"running" as (
select
  "unit",
  "arm",
  "period",
  "capped.value",
  "products.value",
  "products.value.new",
  sum("capped.value") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "capped.value so far",
  sum("products.value.new") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "products.value.new so far"
from "facts_events"
),
-- each unit's value of each metric, so far and of the period alone
"valued" as (
select
  "unit",
  "arm",
  "period",
  case when coalesce("capped.value so far", 0e0) > 50e0 then 50e0 else coalesce("capped.value so far", 0e0) end as "capped.value",
  case when "capped.value" is not null then case when coalesce("capped.value", 0e0) > 50e0 then 50e0 else coalesce("capped.value", 0e0) end end as "capped.value alone",
  coalesce(nullif("products.value.new so far", 0e0), 0e0) as "products.value",
  case when nullif("products.value", 0e0) is not null then coalesce(nullif("products.value", 0e0), 0e0) end as "products.value alone"
from running
),
-- and so far at the end of the period before
"stepped" as (
select *,
  lag("capped.value") over (partition by "unit" order by "period") as "capped.value before",
  lag("products.value") over (partition by "unit" order by "period") as "products.value before"
from valued
),
-- what each period adds to each arm
"series" as (
select
  "arm",
  "period",
  sum(case when "capped.value" is null then 0 else 1 end - case when "capped.value before" is null then 0 else 1 end) as "capped.added.units",
  count("capped.value alone") as "capped.alone.units",
  sum(coalesce("capped.value", 0e0) - coalesce("capped.value before", 0e0)) as "capped.added.sum0",
  sum("capped.value alone") as "capped.alone.sum0",
  sum(coalesce("capped.value" * "capped.value", 0e0) - coalesce("capped.value before" * "capped.value before", 0e0)) as "capped.added.product00",
  sum("capped.value alone" * "capped.value alone") as "capped.alone.product00",
  sum(case when "products.value" is null then 0 else 1 end - case when "products.value before" is null then 0 else 1 end) as "products.added.units",
  count("products.value alone") as "products.alone.units",
  sum(coalesce("products.value", 0e0) - coalesce("products.value before", 0e0)) as "products.added.sum0",
  sum("products.value alone") as "products.alone.sum0",
  sum(coalesce("products.value" * "products.value", 0e0) - coalesce("products.value before" * "products.value before", 0e0)) as "products.added.product00",
  sum("products.value alone" * "products.value alone") as "products.alone.product00"
from stepped
group by "arm", "period"
)
select "c"."variant", r.*
from "series" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000"]
