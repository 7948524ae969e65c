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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value.before"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped_adjusted.value" as double), 0e0) end as "capped_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped_adjusted.value.before" as double), 0e0) end as "capped_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when "x"."capped_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_adjusted.before"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."capped_adjusted.value") as "capped_adjusted.units",
  sum("u"."capped_adjusted.before") as "capped_adjusted.with_before",
  count("u"."capped_adjusted.value") as "revenue_adjusted.units",
  sum("u"."capped_adjusted.value") as "revenue_adjusted.value.sum",
  sum("u"."capped_adjusted.value.before") as "revenue_adjusted.value.before.sum",
  sum("u"."capped_adjusted.value" * "u"."capped_adjusted.value") as "revenue_adjusted.value.square",
  sum("u"."capped_adjusted.value.before" * "u"."capped_adjusted.value") as "revenue_adjusted.value by value.before",
  sum("u"."capped_adjusted.value.before" * "u"."capped_adjusted.value.before") as "revenue_adjusted.value.before.square",
  sum("u"."capped_adjusted.before") as "revenue_adjusted.with_before",
  coalesce(array_agg(row("u"."capped_adjusted.value", "u"."capped_adjusted.value.before")) filter (where "u"."capped_adjusted.value" <> 0e0 or "u"."capped_adjusted.value.before" <> 0e0), array[]) as "capped_adjusted.value, capped_adjusted.value.before values",
  count("u"."capped_adjusted.value") as "capped_adjusted.value, capped_adjusted.value.before values.counted"
from units as u
group by "u"."arm"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("capped_adjusted.value, capped_adjusted.value.before values") over ()) as "capped_adjusted.value, capped_adjusted.value.before values.pool"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter(transform("capped_adjusted.value, capped_adjusted.value.before values.pool", r -> r[1]), r -> r <> 0e0)) as "capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted",
  array_sort(filter(transform("capped_adjusted.value, capped_adjusted.value.before values.pool", r -> r[2]), r -> r <> 0e0)) as "capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") > 0 then element_at("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1) + (element_at("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(ceiling(0.8e0 * (cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1) - element_at("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1) - floor(0.8e0 * (cardinality("capped_adjusted.value of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1))) end as "capped_adjusted.value.upper",
  case when cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") > 0 then element_at("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1) + (element_at("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(ceiling(0.8e0 * (cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1) - element_at("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1) - floor(0.8e0 * (cardinality("capped_adjusted.value.before of capped_adjusted.value, capped_adjusted.value.before values.sorted") - 1))) end as "capped_adjusted.value.before.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "exposed" as "exposed",
  "capped_adjusted.units" as "capped_adjusted.units",
  "capped_adjusted.with_before" as "capped_adjusted.with_before",
  "revenue_adjusted.units" as "revenue_adjusted.units",
  "revenue_adjusted.value.sum" as "revenue_adjusted.value.sum",
  "revenue_adjusted.value.before.sum" as "revenue_adjusted.value.before.sum",
  "revenue_adjusted.value.square" as "revenue_adjusted.value.square",
  "revenue_adjusted.value by value.before" as "revenue_adjusted.value by value.before",
  "revenue_adjusted.value.before.square" as "revenue_adjusted.value.before.square",
  "revenue_adjusted.with_before" as "revenue_adjusted.with_before",
  reduce("capped_adjusted.value, capped_adjusted.value.before values", 0e0, (s, r) -> s + case when r[1] > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else r[1] end, s -> s) + ("capped_adjusted.value, capped_adjusted.value.before values.counted" - cardinality("capped_adjusted.value, capped_adjusted.value.before values")) * (case when 0e0 > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else 0e0 end) as "capped_adjusted.value.sum",
  reduce("capped_adjusted.value, capped_adjusted.value.before values", 0e0, (s, r) -> s + case when r[2] > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else r[2] end, s -> s) + ("capped_adjusted.value, capped_adjusted.value.before values.counted" - cardinality("capped_adjusted.value, capped_adjusted.value.before values")) * (case when 0e0 > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else 0e0 end) as "capped_adjusted.value.before.sum",
  reduce("capped_adjusted.value, capped_adjusted.value.before values", 0e0, (s, r) -> s + case when r[1] > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else r[1] end * case when r[1] > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else r[1] end, s -> s) + ("capped_adjusted.value, capped_adjusted.value.before values.counted" - cardinality("capped_adjusted.value, capped_adjusted.value.before values")) * (case when 0e0 > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else 0e0 end * case when 0e0 > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else 0e0 end) as "capped_adjusted.value.square",
  reduce("capped_adjusted.value, capped_adjusted.value.before values", 0e0, (s, r) -> s + case when r[2] > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else r[2] end * case when r[1] > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else r[1] end, s -> s) + ("capped_adjusted.value, capped_adjusted.value.before values.counted" - cardinality("capped_adjusted.value, capped_adjusted.value.before values")) * (case when 0e0 > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "capped_adjusted.value.upper" then "capped_adjusted.value.upper" else 0e0 end) as "capped_adjusted.value by value.before",
  reduce("capped_adjusted.value, capped_adjusted.value.before values", 0e0, (s, r) -> s + case when r[2] > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else r[2] end * case when r[2] > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else r[2] end, s -> s) + ("capped_adjusted.value, capped_adjusted.value.before values.counted" - cardinality("capped_adjusted.value, capped_adjusted.value.before values")) * (case when 0e0 > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "capped_adjusted.value.before.upper" then "capped_adjusted.value.before.upper" else 0e0 end) as "capped_adjusted.value.before.square"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
