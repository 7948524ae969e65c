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
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '259200' second then 1 end) as "converted_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then 1 end) as "converted_adjusted.value.before",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < "x"."__exposed_at" + interval '691200' second then 1 end) as "orders_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then 1 end) as "orders_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue.value",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue_adjusted.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-432000' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '259200' second <= cast($10 as timestamp) then case when "facts_events"."converted_adjusted.value" > 0 then 1e0 else 0e0 end end as "converted_adjusted.value",
  case when "x"."exposed_at" + interval '259200' second <= cast($11 as timestamp) then case when "facts_events"."converted_adjusted.value.before" > 0 then 1e0 else 0e0 end end as "converted_adjusted.value.before",
  case when "x"."exposed_at" + interval '691200' second <= cast($12 as timestamp) then cast(nullif("facts_events"."orders_adjusted.value", 0) as double) end as "orders_adjusted.value",
  case when "x"."exposed_at" + interval '691200' second <= cast($13 as timestamp) and nullif("facts_events"."orders_adjusted.value", 0) is not null then coalesce(cast(nullif("facts_events"."orders_adjusted.value.before", 0) as double), 0e0) end as "orders_adjusted.value.before",
  case when "x"."exposed_at" + interval '691200' second <= cast($14 as timestamp) and nullif("facts_events"."orders_adjusted.value", 0) is not null then case when nullif("facts_events"."orders_adjusted.value.before", 0) > 0 then 1e0 else 0e0 end end as "orders_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then coalesce(cast("facts_events"."revenue.value" as double), 0e0) end as "revenue.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then coalesce(cast("facts_events"."revenue_adjusted.value.before" as double), 0e0) end as "revenue_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) then case when "facts_events"."revenue_adjusted.value.before" is not null then 1e0 else 0e0 end end as "revenue_adjusted.before"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."converted_adjusted.value") as "converted_adjusted.units",
  sum("u"."converted_adjusted.value") as "converted_adjusted.value.sum",
  sum("u"."converted_adjusted.value.before") as "converted_adjusted.value.before.sum",
  sum("u"."converted_adjusted.value.before" * "u"."converted_adjusted.value") as "converted_adjusted.value by value.before",
  sum("u"."converted_adjusted.value.before") as "converted_adjusted.with_before",
  count("u"."orders_adjusted.value") as "orders_adjusted.units",
  sum("u"."orders_adjusted.value") as "orders_adjusted.value.sum",
  sum("u"."orders_adjusted.value.before") as "orders_adjusted.value.before.sum",
  sum((1e0 - "u"."orders_adjusted.before")) as "orders_adjusted.missing.sum",
  sum("u"."orders_adjusted.value" * "u"."orders_adjusted.value") as "orders_adjusted.value.square",
  sum("u"."orders_adjusted.value.before" * "u"."orders_adjusted.value") as "orders_adjusted.value by value.before",
  sum("u"."orders_adjusted.value.before" * "u"."orders_adjusted.value.before") as "orders_adjusted.value.before.square",
  sum((1e0 - "u"."orders_adjusted.before") * "u"."orders_adjusted.value") as "orders_adjusted.value by missing",
  sum((1e0 - "u"."orders_adjusted.before") * "u"."orders_adjusted.value.before") as "orders_adjusted.value.before by missing",
  sum("u"."orders_adjusted.before") as "orders_adjusted.with_before",
  count("u"."revenue.value") as "revenue.units",
  sum("u"."revenue.value") as "revenue.value.sum",
  sum("u"."revenue.value" * "u"."revenue.value") as "revenue.value.square",
  count("u"."revenue.value") as "revenue_adjusted.units",
  sum("u"."revenue.value") as "revenue_adjusted.value.sum",
  sum("u"."revenue_adjusted.value.before") as "revenue_adjusted.value.before.sum",
  sum("u"."revenue.value" * "u"."revenue.value") as "revenue_adjusted.value.square",
  sum("u"."revenue_adjusted.value.before" * "u"."revenue.value") as "revenue_adjusted.value by value.before",
  sum("u"."revenue_adjusted.value.before" * "u"."revenue_adjusted.value.before") as "revenue_adjusted.value.before.square",
  sum("u"."revenue_adjusted.before") as "revenue_adjusted.with_before"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-11 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
