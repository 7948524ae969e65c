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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_capped.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_capped.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end) as "aov_capped.denominator"
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
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_capped.numerator" as double), 0e0) end as "aov_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_capped.denominator" as double), 0e0) end as "aov_capped.denominator",
  coalesce("x"."aov_capped.numerator.invalid", 0) as "aov_capped.numerator.invalid"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."aov_capped.numerator") as "aov_capped.units",
  sum("u"."aov_capped.numerator") as "aov_capped.numerator.uncapped_sum",
  sum("u"."aov_capped.denominator") as "aov_capped.denominator.uncapped_sum",
  sum("u"."aov_capped.numerator" * "u"."aov_capped.numerator") as "aov_capped.numerator.uncapped_square",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.numerator") as "aov_capped.uncapped_cross",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.denominator") as "aov_capped.denominator.uncapped_square",
  count(case when "u"."aov_capped.numerator" <> 0e0 then 1 end) as "aov_capped.with_value",
  sum("u"."aov_capped.numerator.invalid") as "aov_capped.aov_capped.numerator.invalid",
  count("u"."aov_capped.numerator") as "aov_capped_twice.units",
  sum("u"."aov_capped.numerator") as "aov_capped_twice.numerator.uncapped_sum",
  sum("u"."aov_capped.denominator") as "aov_capped_twice.denominator.uncapped_sum",
  sum("u"."aov_capped.numerator" * "u"."aov_capped.numerator") as "aov_capped_twice.numerator.uncapped_square",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.numerator") as "aov_capped_twice.uncapped_cross",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.denominator") as "aov_capped_twice.denominator.uncapped_square",
  count(case when "u"."aov_capped.numerator" <> 0e0 then 1 end) as "aov_capped_twice.with_value",
  sum("u"."aov_capped.numerator.invalid") as "aov_capped_twice.aov_capped.numerator.invalid",
  coalesce(array_agg(row("u"."aov_capped.numerator", "u"."aov_capped.denominator")) filter (where "u"."aov_capped.numerator" <> 0e0 or "u"."aov_capped.denominator" <> 0e0), array[]) as "aov_capped.numerator, aov_capped.denominator values",
  count("u"."aov_capped.numerator") as "aov_capped.numerator, aov_capped.denominator values.counted",
  min("u"."aov_capped.numerator") as "aov_capped.numerator.minimum of the arm",
  min("u"."aov_capped.numerator") as "aov_capped_twice.numerator.minimum of the arm",
  max("u"."aov_capped.numerator") as "aov_capped.numerator.maximum of the arm",
  max("u"."aov_capped.numerator") as "aov_capped_twice.numerator.maximum of the arm"
from units as u
group by "u"."arm"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("aov_capped.numerator, aov_capped.denominator values") over ()) as "aov_capped.numerator, aov_capped.denominator values.pool",
  min("aov_capped.numerator.minimum of the arm") over () as "aov_capped.numerator.minimum",
  min("aov_capped_twice.numerator.minimum of the arm") over () as "aov_capped_twice.numerator.minimum",
  max("aov_capped.numerator.maximum of the arm") over () as "aov_capped.numerator.maximum",
  max("aov_capped_twice.numerator.maximum of the arm") over () as "aov_capped_twice.numerator.maximum"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter(transform("aov_capped.numerator, aov_capped.denominator values.pool", r -> r[1]), r -> r <> 0e0)) as "aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted",
  array_sort(filter(transform("aov_capped.numerator, aov_capped.denominator values.pool", r -> r[2]), r -> r <> 0e0)) as "aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") > 0 then element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.9e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) + (element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(ceiling(0.9e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) - element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.9e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1) - floor(0.9e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1))) end as "aov_capped.numerator.upper",
  case when cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") > 0 then element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.8e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) + (element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(ceiling(0.8e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) - element_at("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.8e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1) - floor(0.8e0 * (cardinality("aov_capped.numerator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1))) end as "aov_capped_twice.numerator.upper",
  case when cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") > 0 then element_at("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.8e0 * (cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) + (element_at("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(ceiling(0.8e0 * (cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1) - element_at("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted", cast(floor(0.8e0 * (cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1) - floor(0.8e0 * (cardinality("aov_capped.denominator of aov_capped.numerator, aov_capped.denominator values.sorted") - 1))) end as "aov_capped_twice.denominator.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "exposed" as "exposed",
  "aov_capped.units" as "aov_capped.units",
  "aov_capped.numerator.uncapped_sum" as "aov_capped.numerator.uncapped_sum",
  "aov_capped.denominator.uncapped_sum" as "aov_capped.denominator.uncapped_sum",
  "aov_capped.numerator.uncapped_square" as "aov_capped.numerator.uncapped_square",
  "aov_capped.uncapped_cross" as "aov_capped.uncapped_cross",
  "aov_capped.denominator.uncapped_square" as "aov_capped.denominator.uncapped_square",
  "aov_capped.with_value" as "aov_capped.with_value",
  "aov_capped.aov_capped.numerator.invalid" as "aov_capped.aov_capped.numerator.invalid",
  "aov_capped_twice.units" as "aov_capped_twice.units",
  "aov_capped_twice.numerator.uncapped_sum" as "aov_capped_twice.numerator.uncapped_sum",
  "aov_capped_twice.denominator.uncapped_sum" as "aov_capped_twice.denominator.uncapped_sum",
  "aov_capped_twice.numerator.uncapped_square" as "aov_capped_twice.numerator.uncapped_square",
  "aov_capped_twice.uncapped_cross" as "aov_capped_twice.uncapped_cross",
  "aov_capped_twice.denominator.uncapped_square" as "aov_capped_twice.denominator.uncapped_square",
  "aov_capped_twice.with_value" as "aov_capped_twice.with_value",
  "aov_capped_twice.aov_capped.numerator.invalid" as "aov_capped_twice.aov_capped.numerator.invalid",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else 0e0 end) as "aov_capped.numerator.sum",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + r[2], s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (0e0) as "aov_capped.denominator.sum",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else r[1] end * case when r[1] > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else 0e0 end * case when 0e0 > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else 0e0 end) as "aov_capped.numerator.square",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + r[2] * case when r[1] > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (0e0 * case when 0e0 > "aov_capped.numerator.upper" then "aov_capped.numerator.upper" else 0e0 end) as "aov_capped.cross",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + r[2] * r[2], s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (0e0 * 0e0) as "aov_capped.denominator.square",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped.numerator.upper" then 1e0 else 0e0 end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped.numerator.upper" then 1e0 else 0e0 end) as "aov_capped.capped",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else 0e0 end) as "aov_capped_twice.numerator.sum",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[2] > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else r[2] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else 0e0 end) as "aov_capped_twice.denominator.sum",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else r[1] end * case when r[1] > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else 0e0 end * case when 0e0 > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else 0e0 end) as "aov_capped_twice.numerator.square",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[2] > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else r[2] end * case when r[1] > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else r[1] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else 0e0 end * case when 0e0 > "aov_capped_twice.numerator.upper" then "aov_capped_twice.numerator.upper" else 0e0 end) as "aov_capped_twice.cross",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[2] > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else r[2] end * case when r[2] > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else r[2] end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else 0e0 end * case when 0e0 > "aov_capped_twice.denominator.upper" then "aov_capped_twice.denominator.upper" else 0e0 end) as "aov_capped_twice.denominator.square",
  reduce("aov_capped.numerator, aov_capped.denominator values", 0e0, (s, r) -> s + case when r[1] > "aov_capped_twice.numerator.upper" or r[2] > "aov_capped_twice.denominator.upper" then 1e0 else 0e0 end, s -> s) + ("aov_capped.numerator, aov_capped.denominator values.counted" - cardinality("aov_capped.numerator, aov_capped.denominator values")) * (case when 0e0 > "aov_capped_twice.numerator.upper" or 0e0 > "aov_capped_twice.denominator.upper" then 1e0 else 0e0 end) as "aov_capped_twice.capped",
  "aov_capped.numerator.upper" as "aov_capped.upper",
  "aov_capped.numerator.minimum" as "aov_capped.minimum",
  "aov_capped.numerator.maximum" as "aov_capped.maximum",
  "aov_capped_twice.numerator.upper" as "aov_capped_twice.upper",
  "aov_capped_twice.numerator.minimum" as "aov_capped_twice.minimum",
  "aov_capped_twice.numerator.maximum" as "aov_capped_twice.maximum"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
