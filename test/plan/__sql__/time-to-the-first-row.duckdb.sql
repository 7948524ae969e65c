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
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  (cast(epoch_us(min(case when "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < "x"."__exposed_at" + interval '345600' second then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 86400000000e0 as "days_to_event.value",
  (cast(epoch_us(min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 3600000000e0 as "hours_to_purchase.value",
  (cast(epoch_us(min(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '43200' second and "f"."__at" < cast($8 as timestamp) then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 60000000e0 as "minutes_to_purchase_of_buyers.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($9 as timestamp) at time zone 'UTC') and "event_at" < (cast($10 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '345600' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."days_to_event.value" as double), 4e0) end as "days_to_event.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then coalesce(cast("facts_events"."hours_to_purchase.value" as double), 168e0) end as "hours_to_purchase.value",
  cast("facts_events"."minutes_to_purchase_of_buyers.value" as double) as "minutes_to_purchase_of_buyers.value"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
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
