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
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", case when is_finite(cast((amount) as double)) then cast((amount) as double) end) end)[2] as "large_first_of_buyers.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "large_first_of_buyers.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_few_orders.value",
  (round(to_unixtime(min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) * 1e6) - round(to_unixtime(min("x"."__exposed_at")) * 1e6)) / 3600000000e0 as "quick.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "several_orders.value",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "spent_80.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "spent_80.value.invalid"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when cast("x"."large_first_of_buyers.value" as double) > 50e0 then 1e0 when cast("x"."large_first_of_buyers.value" as double) is not null then 0e0 end end as "large_first_of_buyers.value",
  case when coalesce(cast("x"."open_few_orders.value" as double), 0e0) <= 1e0 then 1e0 end as "open_few_orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when coalesce(cast("x"."quick.value" as double), 168e0) < 48e0 then 1e0 else 0e0 end end as "quick.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when cast("x"."several_orders.value" as double) > 1e0 then 1e0 else 0e0 end end as "several_orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when cast("x"."spent_80.value" as double) >= 80e0 then 1e0 else 0e0 end end as "spent_80.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when coalesce(cast("x"."spent_80.value" as double), 0e0) < 80e0 then 1e0 else 0e0 end end as "spent_under_80.value",
  coalesce("x"."large_first_of_buyers.value.invalid", 0) as "large_first_of_buyers.value.invalid",
  coalesce("x"."spent_80.value.invalid", 0) as "spent_80.value.invalid"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."large_first_of_buyers.value") as "large_first_of_buyers.units",
  sum("u"."large_first_of_buyers.value") as "large_first_of_buyers.value.sum",
  count("u"."large_first_of_buyers.value") as "large_first_of_buyers.with_value",
  sum("u"."large_first_of_buyers.value.invalid") as "large_first_of_buyers.large_first_of_buyers.value.invalid",
  count(*) as "open_few_orders.units",
  sum("u"."open_few_orders.value") as "open_few_orders.value.sum",
  count(case when "u"."open_few_orders.value" <> 0e0 then 1 end) as "open_few_orders.with_value",
  count("u"."quick.value") as "quick.units",
  sum("u"."quick.value") as "quick.value.sum",
  count(case when "u"."quick.value" <> 0e0 then 1 end) as "quick.with_value",
  count("u"."several_orders.value") as "several_orders.units",
  sum("u"."several_orders.value") as "several_orders.value.sum",
  count(case when "u"."several_orders.value" <> 0e0 then 1 end) as "several_orders.with_value",
  count("u"."spent_80.value") as "spent_80.units",
  sum("u"."spent_80.value") as "spent_80.value.sum",
  count(case when "u"."spent_80.value" <> 0e0 then 1 end) as "spent_80.with_value",
  sum("u"."spent_80.value.invalid") as "spent_80.spent_80.value.invalid",
  count("u"."spent_under_80.value") as "spent_under_80.units",
  sum("u"."spent_under_80.value") as "spent_under_80.value.sum",
  count(case when "u"."spent_under_80.value" <> 0e0 then 1 end) as "spent_under_80.with_value",
  sum("u"."spent_80.value.invalid") as "spent_under_80.spent_80.value.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
