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
  "s"."__at" as "assigned_at",
  "s"."dim_country",
  "s"."dim_platform",
  "s"."dim_age",
  "s"."dim_rating",
  "s"."dim_member",
  "s"."dim_birthday",
  "s"."dim_joined"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in (?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- each unit's assignments in order
"ranked" as (
select *, row_number() over (partition by "unit" order by "assigned_at", "arm", "dim_country", "dim_platform", "dim_age", "dim_rating", "dim_member", "dim_birthday", "dim_joined") as "position"
from assigned
),
-- first exposure of each unit
"exposures_of_all" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_country" end) as "dim_country"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- the units asked for are marked
"exposures" as (
select *, (not coalesce("dim_country" = cast(? as varchar), false)) as "in_scope" from exposures_of_all
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__dim_country") as "dim_country",
  any_value("x"."__in_scope") as "in_scope",
  avg(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "average.value",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "converted.value",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_country" as "__dim_country", "in_scope" as "__in_scope" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  "x"."in_scope",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then cast("x"."average.value" as double) end as "average.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped.value" as double), 0e0) end as "capped.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when "x"."converted.value" > 0 then 1e0 else 0e0 end end as "converted.value",
  coalesce(cast("x"."open_revenue.value" as double), 0e0) as "open_revenue.value"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  "u"."in_scope",
  count(*) as "exposed",
  count("u"."average.value") as "average.units",
  sum("u"."average.value") as "average.value.sum",
  sum("u"."average.value" * "u"."average.value") as "average.value.square",
  sum("u"."average.value" * "u"."average.value" * "u"."average.value") as "average.cubes",
  min("u"."average.value") as "average.smallest",
  max("u"."average.value") as "average.largest",
  count("u"."capped.value") as "capped.units",
  count("u"."capped.value") as "capped_both_ways.units",
  count("u"."converted.value") as "converted.units",
  sum("u"."converted.value") as "converted.value.sum",
  sum("u"."converted.value" * "u"."converted.value" * "u"."converted.value") as "converted.cubes",
  min("u"."converted.value") as "converted.smallest",
  max("u"."converted.value") as "converted.largest",
  count(*) as "open_revenue.units",
  sum("u"."open_revenue.value") as "open_revenue.value.sum",
  sum("u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.value.square",
  sum("u"."open_revenue.value" * "u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.cubes",
  min("u"."open_revenue.value") as "open_revenue.smallest",
  max("u"."open_revenue.value") as "open_revenue.largest",
  count("u"."capped.value") as "revenue.units",
  sum("u"."capped.value") as "revenue.value.sum",
  sum("u"."capped.value" * "u"."capped.value") as "revenue.value.square",
  sum("u"."capped.value" * "u"."capped.value" * "u"."capped.value") as "revenue.cubes",
  min("u"."capped.value") as "revenue.smallest",
  max("u"."capped.value") as "revenue.largest",
  coalesce(array_agg("u"."capped.value") filter (where "u"."capped.value" <> 0e0), array[]) as "capped.value values",
  count("u"."capped.value") as "capped.value values.counted",
  min("u"."capped.value") as "capped.min of the arm",
  max("u"."capped.value") as "capped.max of the arm",
  min("u"."capped.value") as "capped_both_ways.min of the arm",
  max("u"."capped.value") as "capped_both_ways.max of the arm"
from units as u
group by "u"."arm", "u"."in_scope"
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
  case when cardinality("capped.value of capped.value values.sorted") > 0 then element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) + (element_at("capped.value of capped.value values.sorted", cast(ceiling(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) - element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1) - floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1))) end as "capped.value.upper",
  case when cardinality("capped.value of capped.value values.sorted") > 0 then element_at("capped.value of capped.value values.sorted", cast(floor(0.1e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) + (element_at("capped.value of capped.value values.sorted", cast(ceiling(0.1e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) - element_at("capped.value of capped.value values.sorted", cast(floor(0.1e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1)) * (0.1e0 * (cardinality("capped.value of capped.value values.sorted") - 1) - floor(0.1e0 * (cardinality("capped.value of capped.value values.sorted") - 1))) end as "capped_both_ways.value.lower",
  case when cardinality("capped.value of capped.value values.sorted") > 0 then element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) + (element_at("capped.value of capped.value values.sorted", cast(ceiling(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1) - element_at("capped.value of capped.value values.sorted", cast(floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1) - floor(0.9e0 * (cardinality("capped.value of capped.value values.sorted") - 1))) end as "capped_both_ways.value.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "exposed" as "exposed",
  "average.units" as "average.units",
  "average.value.sum" as "average.value.sum",
  "average.value.square" as "average.value.square",
  "average.cubes" as "average.cubes",
  "average.smallest" as "average.smallest",
  "average.largest" as "average.largest",
  "capped.units" as "capped.units",
  "capped_both_ways.units" as "capped_both_ways.units",
  "converted.units" as "converted.units",
  "converted.value.sum" as "converted.value.sum",
  "converted.cubes" as "converted.cubes",
  "converted.smallest" as "converted.smallest",
  "converted.largest" as "converted.largest",
  "open_revenue.units" as "open_revenue.units",
  "open_revenue.value.sum" as "open_revenue.value.sum",
  "open_revenue.value.square" as "open_revenue.value.square",
  "open_revenue.cubes" as "open_revenue.cubes",
  "open_revenue.smallest" as "open_revenue.smallest",
  "open_revenue.largest" as "open_revenue.largest",
  "revenue.units" as "revenue.units",
  "revenue.value.sum" as "revenue.value.sum",
  "revenue.value.square" as "revenue.value.square",
  "revenue.cubes" as "revenue.cubes",
  "revenue.smallest" as "revenue.smallest",
  "revenue.largest" as "revenue.largest",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.sum",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.square",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.cubes",
  case when "capped.min of the arm" > "capped.value.upper" then "capped.value.upper" else "capped.min of the arm" end as "capped.smallest",
  case when "capped.max of the arm" > "capped.value.upper" then "capped.value.upper" else "capped.max of the arm" end as "capped.largest",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end) as "capped_both_ways.value.sum",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end * case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end * case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end) as "capped_both_ways.value.square",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end * case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end * case when r > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when r < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end * case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end * case when 0e0 > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when 0e0 < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else 0e0 end) as "capped_both_ways.cubes",
  case when "capped_both_ways.min of the arm" > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when "capped_both_ways.min of the arm" < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else "capped_both_ways.min of the arm" end as "capped_both_ways.smallest",
  case when "capped_both_ways.max of the arm" > "capped_both_ways.value.upper" then "capped_both_ways.value.upper" when "capped_both_ways.max of the arm" < "capped_both_ways.value.lower" then "capped_both_ways.value.lower" else "capped_both_ways.max of the arm" end as "capped_both_ways.largest"
from "caps"
where "in_scope"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","DE","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
