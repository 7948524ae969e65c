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
  avg(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "average.value",
  count(case when (event_name = 'purchase') and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "average.value.invalid",
  count(1) as "events.value",
  max(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "largest.value",
  count(case when (event_name = 'purchase') and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "largest.value.invalid",
  count(case when (event_name = 'purchase') then 1 end) as "orders_of_buyers.value",
  count(distinct case when (event_name = 'purchase') then (product) end) as "products_of_buyers.value",
  min(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "smallest.value",
  count(case when (event_name = 'purchase') and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "smallest.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then cast("facts_events"."average.value" as double) end as "average.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."events.value" as double), 0e0) end as "events.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then cast("facts_events"."largest.value" as double) end as "largest.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then cast(nullif("facts_events"."orders_of_buyers.value", 0) as double) end as "orders_of_buyers.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then cast(nullif("facts_events"."products_of_buyers.value", 0) as double) end as "products_of_buyers.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then coalesce(cast("facts_events"."smallest.value" as double), 0e0) end as "smallest.value",
  coalesce("facts_events"."average.value.invalid", 0) as "average.value.invalid",
  coalesce("facts_events"."largest.value.invalid", 0) as "largest.value.invalid",
  coalesce("facts_events"."smallest.value.invalid", 0) as "smallest.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."average.value") as "average.units",
  sum("u"."average.value") as "average.value.sum",
  sum("u"."average.value" * "u"."average.value") as "average.value.square",
  count("u"."average.value") as "average.with_value",
  sum("u"."average.value.invalid") as "average.average.value.invalid",
  count("u"."events.value") as "events.units",
  sum("u"."events.value") as "events.value.sum",
  sum("u"."events.value" * "u"."events.value") as "events.value.square",
  count(case when "u"."events.value" <> 0e0 then 1 end) as "events.with_value",
  count("u"."largest.value") as "largest.units",
  sum("u"."largest.value") as "largest.value.sum",
  sum("u"."largest.value" * "u"."largest.value") as "largest.value.square",
  count("u"."largest.value") as "largest.with_value",
  sum("u"."largest.value.invalid") as "largest.largest.value.invalid",
  count("u"."orders_of_buyers.value") as "orders_of_buyers.units",
  sum("u"."orders_of_buyers.value") as "orders_of_buyers.value.sum",
  sum("u"."orders_of_buyers.value" * "u"."orders_of_buyers.value") as "orders_of_buyers.value.square",
  count("u"."orders_of_buyers.value") as "orders_of_buyers.with_value",
  count("u"."products_of_buyers.value") as "products_of_buyers.units",
  sum("u"."products_of_buyers.value") as "products_of_buyers.value.sum",
  sum("u"."products_of_buyers.value" * "u"."products_of_buyers.value") as "products_of_buyers.value.square",
  count("u"."products_of_buyers.value") as "products_of_buyers.with_value",
  count("u"."smallest.value") as "smallest.units",
  sum("u"."smallest.value") as "smallest.value.sum",
  sum("u"."smallest.value" * "u"."smallest.value") as "smallest.value.square",
  count(case when "u"."smallest.value" <> 0e0 then 1 end) as "smallest.with_value",
  sum("u"."smallest.value.invalid") as "smallest.smallest.value.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
