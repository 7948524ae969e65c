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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < "x"."__exposed_at" + interval '259200' second then 1 end) as "late_orders.value"
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
  coalesce(cast("x"."capped.value" as double), 0e0) as "capped.value",
  cast("x"."late_orders.value" as double) as "late_orders.value",
  cast("x"."capped.value" as double) as "revenue.value"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "capped.units",
  count(*) as "late_orders.units",
  sum("u"."late_orders.value") as "late_orders.value.sum",
  sum("u"."late_orders.value" * "u"."late_orders.value") as "late_orders.value.square",
  count(*) as "revenue.units",
  sum("u"."revenue.value") as "revenue.value.sum",
  sum("u"."revenue.value" * "u"."revenue.value") as "revenue.value.square",
  coalesce(array_agg("u"."capped.value") filter (where "u"."capped.value" <> 0e0), array[]) as "capped.value values",
  count("u"."capped.value") as "capped.value values.counted"
from units as u
group by "u"."arm"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("capped.value values") over ()) as "capped.value values.pool"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter("capped.value values.pool", r -> r <> 0e0)) as "capped.value of capped.value values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("capped.value of capped.value values.sorted") > 0 then element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) + (element_at("capped.value of capped.value values.sorted", cast(ceiling(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) - element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1) - floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1))) end as "capped.value.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "exposed" as "exposed",
  "capped.units" as "capped.units",
  "late_orders.units" as "late_orders.units",
  "late_orders.value.sum" as "late_orders.value.sum",
  "late_orders.value.square" as "late_orders.value.square",
  "revenue.units" as "revenue.units",
  "revenue.value.sum" as "revenue.value.sum",
  "revenue.value.square" as "revenue.value.square",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.sum",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.square"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000"]
