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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped.value.invalid"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_country" as "__dim_country", "in_scope" as "__in_scope" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  "x"."in_scope",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped.value" as double), 0e0) end as "capped.value",
  coalesce("x"."capped.value.invalid", 0) as "capped.value.invalid"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  "u"."in_scope",
  count(*) as "exposed",
  count("u"."capped.value") as "capped.units",
  sum("u"."capped.value") as "capped.value.uncapped_sum",
  sum("u"."capped.value" * "u"."capped.value") as "capped.value.uncapped_square",
  count(case when "u"."capped.value" <> 0e0 then 1 end) as "capped.with_value",
  sum("u"."capped.value.invalid") as "capped.capped.value.invalid",
  count("u"."capped.value") as "revenue.units",
  sum("u"."capped.value") as "revenue.value.sum",
  sum("u"."capped.value" * "u"."capped.value") as "revenue.value.square",
  count(case when "u"."capped.value" <> 0e0 then 1 end) as "revenue.with_value",
  sum("u"."capped.value.invalid") as "revenue.capped.value.invalid",
  coalesce(array_agg("u"."capped.value") filter (where "u"."capped.value" <> 0e0), array[]) as "capped.value values",
  count("u"."capped.value") as "capped.value values.counted",
  min("u"."capped.value") as "capped.value.minimum of the arm",
  max("u"."capped.value") as "capped.value.maximum of the arm"
from units as u
group by "u"."arm", "u"."in_scope"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("capped.value values") over ()) as "capped.value values.pool",
  min("capped.value.minimum of the arm") over () as "capped.value.minimum",
  max("capped.value.maximum of the arm") over () as "capped.value.maximum"
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
  "capped.value.uncapped_sum" as "capped.value.uncapped_sum",
  "capped.value.uncapped_square" as "capped.value.uncapped_square",
  "capped.with_value" as "capped.with_value",
  "capped.capped.value.invalid" as "capped.capped.value.invalid",
  "revenue.units" as "revenue.units",
  "revenue.value.sum" as "revenue.value.sum",
  "revenue.value.square" as "revenue.value.square",
  "revenue.with_value" as "revenue.with_value",
  "revenue.capped.value.invalid" as "revenue.capped.value.invalid",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.sum",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.square",
  reduce("capped.value values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then 1e0 else 0e0 end, s -> s) + ("capped.value values.counted" - cardinality("capped.value values")) * (case when 0e0 > "capped.value.upper" then 1e0 else 0e0 end) as "capped.capped",
  "capped.value.upper" as "capped.upper",
  "capped.value.minimum" as "capped.minimum",
  "capped.value.maximum" as "capped.maximum"
from "caps"
where "in_scope"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","DE","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]
