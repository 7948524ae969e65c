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
  (round(to_unixtime(min(case when "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < "x"."__exposed_at" + interval '345600' second then "f"."__at" end)) * 1e6) - round(to_unixtime(min("x"."__exposed_at")) * 1e6)) / 86400000000e0 as "days_to_event.value",
  (round(to_unixtime(min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) * 1e6) - round(to_unixtime(min("x"."__exposed_at")) * 1e6)) / 3600000000e0 as "hours_to_purchase.value",
  (round(to_unixtime(min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '43200' second and "f"."__at" < cast(? as timestamp(6)) then "f"."__at" end)) * 1e6) - round(to_unixtime(min("x"."__exposed_at")) * 1e6)) / 60000000e0 as "minutes_to_purchase_of_buyers.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '345600' second <= cast(? as timestamp(6)) then coalesce(cast("x"."days_to_event.value" as double), 4e0) end as "days_to_event.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."hours_to_purchase.value" as double), 168e0) end as "hours_to_purchase.value",
  cast("x"."minutes_to_purchase_of_buyers.value" as double) as "minutes_to_purchase_of_buyers.value"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."days_to_event.value") as "days_to_event.units",
  sum("u"."days_to_event.value") as "days_to_event.value.sum",
  sum("u"."days_to_event.value" * "u"."days_to_event.value") as "days_to_event.value.square",
  count(case when "u"."days_to_event.value" <> 4e0 then 1 end) as "days_to_event.with_value",
  count("u"."hours_to_purchase.value") as "hours_to_purchase.units",
  sum("u"."hours_to_purchase.value") as "hours_to_purchase.value.sum",
  sum("u"."hours_to_purchase.value" * "u"."hours_to_purchase.value") as "hours_to_purchase.value.square",
  count(case when "u"."hours_to_purchase.value" <> 168e0 then 1 end) as "hours_to_purchase.with_value",
  count("u"."minutes_to_purchase_of_buyers.value") as "minutes_to_purchase_of_buyers.units",
  sum("u"."minutes_to_purchase_of_buyers.value") as "minutes_to_purchase_of_buyers.value.sum",
  sum("u"."minutes_to_purchase_of_buyers.value" * "u"."minutes_to_purchase_of_buyers.value") as "minutes_to_purchase_of_buyers.value.square",
  count("u"."minutes_to_purchase_of_buyers.value") as "minutes_to_purchase_of_buyers.with_value"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
