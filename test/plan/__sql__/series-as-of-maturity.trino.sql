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
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '86400' second then 1 end) as "late_orders.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '259200' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '259200' second <= cast(? as timestamp(6)) then cast(date_trunc('day', with_timezone(case when date_trunc('second', "x"."exposed_at" + interval '259200' second) = "x"."exposed_at" + interval '259200' second then "x"."exposed_at" + interval '259199' second else "x"."exposed_at" + interval '259200' second end, 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when "x"."exposed_at" + interval '259200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."late_orders.value" as double), 0e0) end as "late_orders.value"
from "facts_events" as x
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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end) as "aov.denominator"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then cast(date_trunc('day', with_timezone(case when date_trunc('second', "x"."exposed_at" + interval '604800' second) = "x"."exposed_at" + interval '604800' second then "x"."exposed_at" + interval '604799' second else "x"."exposed_at" + interval '604800' second end, 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov.numerator" as double), 0e0) end as "aov.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov.denominator" as double), 0e0) end as "aov.denominator"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
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
  count("u"."aov.numerator") as "revenue.units",
  sum("u"."aov.numerator") as "revenue.value.sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "revenue.value.square",
  coalesce(array_agg("u"."aov.numerator") filter (where "u"."aov.numerator" <> 0e0), array[]) as "aov.numerator values",
  count("u"."aov.numerator") as "aov.numerator values.counted"
from units as u
group by "u"."arm", "u"."period"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("aov.numerator values") over ()) as "aov.numerator values.pool"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter("aov.numerator values.pool", r -> r <> 0e0)) as "aov.numerator of aov.numerator values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("aov.numerator of aov.numerator values.sorted") > 0 then element_at("aov.numerator of aov.numerator values.sorted", cast(floor(0.9e0 * (cardinality("aov.numerator of aov.numerator values.sorted") - 1)) as integer) + 1) + (element_at("aov.numerator of aov.numerator values.sorted", cast(ceiling(0.9e0 * (cardinality("aov.numerator of aov.numerator values.sorted") - 1)) as integer) + 1) - element_at("aov.numerator of aov.numerator values.sorted", cast(floor(0.9e0 * (cardinality("aov.numerator of aov.numerator values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("aov.numerator of aov.numerator values.sorted") - 1) - floor(0.9e0 * (cardinality("aov.numerator of aov.numerator values.sorted") - 1))) end as "capped.value.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "period" as "period",
  "exposed" as "exposed",
  "aov.units" as "aov.units",
  "aov.numerator.sum" as "aov.numerator.sum",
  "aov.denominator.sum" as "aov.denominator.sum",
  "aov.numerator.square" as "aov.numerator.square",
  "aov.cross" as "aov.cross",
  "aov.denominator.square" as "aov.denominator.square",
  "capped.units" as "capped.units",
  "revenue.units" as "revenue.units",
  "revenue.value.sum" as "revenue.value.sum",
  "revenue.value.square" as "revenue.value.square",
  reduce("aov.numerator values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("aov.numerator values.counted" - cardinality("aov.numerator values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.sum",
  reduce("aov.numerator values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("aov.numerator values.counted" - cardinality("aov.numerator values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.square"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
