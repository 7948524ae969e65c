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
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '86400' second then 1 end) as "late_orders.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '259200' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '259200' second <= cast($10 as timestamp) then cast(date_trunc('day', (case when date_trunc('second', "x"."exposed_at" + interval '259200' second) = "x"."exposed_at" + interval '259200' second then "x"."exposed_at" + interval '259199' second else "x"."exposed_at" + interval '259200' second end at time zone 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when "x"."exposed_at" + interval '259200' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."late_orders.value" as double), 0e0) end as "late_orders.value"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  "u"."period",
  count(*) as "exposed",
  count("u"."late_orders.value") as "late_orders.units",
  sum("u"."late_orders.value") as "late_orders.value.sum",
  sum("u"."late_orders.value" * "u"."late_orders.value") as "late_orders.value.square"
from units as u
group by "u"."arm", "u"."period"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-21 00:00:00.000000","2026-04-06 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]

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
  case when abs(sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov.numerator",
  count(case when (event_name = 'purchase') then 1 end) as "aov.denominator"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then cast(date_trunc('day', (case when date_trunc('second', "x"."exposed_at" + interval '604800' second) = "x"."exposed_at" + interval '604800' second then "x"."exposed_at" + interval '604799' second else "x"."exposed_at" + interval '604800' second end at time zone 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."aov.numerator" as double), 0e0) end as "aov.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then coalesce(cast("facts_events"."aov.denominator" as double), 0e0) end as "aov.denominator"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "aov.numerator" <> 0e0 then "aov.numerator" end, 0.9e0) as "capped.value.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  "u"."period",
  count(*) as "exposed",
  count("u"."aov.numerator") as "aov.units",
  sum("u"."aov.numerator") as "aov.numerator.sum",
  sum("u"."aov.denominator") as "aov.denominator.sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "aov.numerator.square",
  sum("u"."aov.denominator" * "u"."aov.numerator") as "aov.cross",
  sum("u"."aov.denominator" * "u"."aov.denominator") as "aov.denominator.square",
  count("u"."aov.numerator") as "capped.units",
  sum(case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end) as "capped.value.sum",
  sum(case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end * case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end) as "capped.value.square",
  count("u"."aov.numerator") as "revenue.units",
  sum("u"."aov.numerator") as "revenue.value.sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "revenue.value.square"
from units as u
cross join caps as c
group by "u"."arm", "u"."period"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
