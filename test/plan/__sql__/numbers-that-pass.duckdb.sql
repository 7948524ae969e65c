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
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", case when isfinite(cast((amount) as double)) then cast((amount) as double) end) end)[2] as "large_first_of_buyers.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "large_first_of_buyers.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < cast($8 as timestamp) then 1 end) as "open_few_orders.value",
  (cast(epoch_us(min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 3600000000e0 as "quick.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "several_orders.value",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "spent_80.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "spent_80.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($9 as timestamp) at time zone 'UTC') and "event_at" < (cast($10 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) then case when cast("facts_events"."large_first_of_buyers.value" as double) > 50e0 then 1e0 when cast("facts_events"."large_first_of_buyers.value" as double) is not null then 0e0 end end as "large_first_of_buyers.value",
  case when coalesce(cast("facts_events"."open_few_orders.value" as double), 0e0) <= 1e0 then 1e0 end as "open_few_orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then case when coalesce(cast("facts_events"."quick.value" as double), 168e0) < 48e0 then 1e0 else 0e0 end end as "quick.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then case when cast("facts_events"."several_orders.value" as double) > 1e0 then 1e0 else 0e0 end end as "several_orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then case when cast("facts_events"."spent_80.value" as double) >= 80e0 then 1e0 else 0e0 end end as "spent_80.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then case when coalesce(cast("facts_events"."spent_80.value" as double), 0e0) < 80e0 then 1e0 else 0e0 end end as "spent_under_80.value",
  coalesce("facts_events"."large_first_of_buyers.value.invalid", 0) as "large_first_of_buyers.value.invalid",
  coalesce("facts_events"."spent_80.value.invalid", 0) as "spent_80.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
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
