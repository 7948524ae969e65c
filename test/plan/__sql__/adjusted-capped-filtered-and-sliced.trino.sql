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
  max(case when "position" = 1 then "dim_country" end) as "dim_country",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
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
  any_value("x"."__dim_platform") as "dim_platform",
  any_value("x"."__in_scope") as "in_scope",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_known_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped_known_adjusted.value.invalid",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_known_adjusted.value.before"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_country" as "__dim_country", "dim_platform" as "__dim_platform", "in_scope" as "__in_scope" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."dim_platform" = cast(? as varchar) then ? when "x"."dim_platform" = cast(? as varchar) then ? else cast(? as bigint) end as "slice",
  "x"."in_scope",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped_known_adjusted.value" as double), 0e0) end as "capped_known_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."capped_known_adjusted.value.before" as double), 0e0) end as "capped_known_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when "x"."capped_known_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_known_adjusted.before",
  coalesce("x"."capped_known_adjusted.value.invalid", 0) as "capped_known_adjusted.value.invalid"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  "u"."slice",
  "u"."in_scope",
  count(*) as "exposed",
  count("u"."capped_known_adjusted.value") as "capped_known_adjusted.units",
  sum("u"."capped_known_adjusted.value") as "capped_known_adjusted.value.uncapped_sum",
  sum("u"."capped_known_adjusted.value" * "u"."capped_known_adjusted.value") as "capped_known_adjusted.value.uncapped_square",
  sum("u"."capped_known_adjusted.before") as "capped_known_adjusted.with_before",
  count(case when "u"."capped_known_adjusted.value" <> 0e0 then 1 end) as "capped_known_adjusted.with_value",
  sum("u"."capped_known_adjusted.value.invalid") as "capped_known_adjusted.capped_known_adjusted.value.invalid",
  count("u"."capped_known_adjusted.value") as "revenue_adjusted.units",
  sum("u"."capped_known_adjusted.value") as "revenue_adjusted.value.sum",
  sum("u"."capped_known_adjusted.value.before") as "revenue_adjusted.value.before.sum",
  sum("u"."capped_known_adjusted.value" * "u"."capped_known_adjusted.value") as "revenue_adjusted.value.square",
  sum("u"."capped_known_adjusted.value.before" * "u"."capped_known_adjusted.value") as "revenue_adjusted.value by value.before",
  sum("u"."capped_known_adjusted.value.before" * "u"."capped_known_adjusted.value.before") as "revenue_adjusted.value.before.square",
  sum("u"."capped_known_adjusted.before") as "revenue_adjusted.with_before",
  count(case when "u"."capped_known_adjusted.value" <> 0e0 then 1 end) as "revenue_adjusted.with_value",
  sum("u"."capped_known_adjusted.value.invalid") as "revenue_adjusted.capped_known_adjusted.value.invalid",
  coalesce(array_agg(row("u"."capped_known_adjusted.value", "u"."capped_known_adjusted.value.before", "u"."capped_known_adjusted.before")) filter (where "u"."capped_known_adjusted.value" <> 0e0 or "u"."capped_known_adjusted.value.before" <> 0e0 or "u"."capped_known_adjusted.before" <> 0e0), array[]) as "capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values",
  count("u"."capped_known_adjusted.value") as "capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted",
  min("u"."capped_known_adjusted.value") as "capped_known_adjusted.value.minimum of the arm",
  max("u"."capped_known_adjusted.value") as "capped_known_adjusted.value.maximum of the arm"
from units as u
group by "u"."arm", "u"."slice", "u"."in_scope"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values") over ()) as "capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.pool",
  min("capped_known_adjusted.value.minimum of the arm") over () as "capped_known_adjusted.value.minimum",
  max("capped_known_adjusted.value.maximum of the arm") over () as "capped_known_adjusted.value.maximum"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter(transform("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.pool", r -> r[1]), r -> r <> 0e0)) as "capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted",
  array_sort(filter(transform("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.pool", r -> r[2]), r -> r <> 0e0)) as "capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") > 0 then element_at("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1) + (element_at("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(ceiling(0.8e0 * (cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1) - element_at("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1) - floor(0.8e0 * (cardinality("capped_known_adjusted.value of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1))) end as "capped_known_adjusted.value.upper",
  case when cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") > 0 then element_at("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1) + (element_at("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(ceiling(0.8e0 * (cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1) - element_at("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1) - floor(0.8e0 * (cardinality("capped_known_adjusted.value.before of capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.sorted") - 1))) end as "capped_known_adjusted.value.before.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "slice" as "slice",
  "exposed" as "exposed",
  "capped_known_adjusted.units" as "capped_known_adjusted.units",
  "capped_known_adjusted.value.uncapped_sum" as "capped_known_adjusted.value.uncapped_sum",
  "capped_known_adjusted.value.uncapped_square" as "capped_known_adjusted.value.uncapped_square",
  "capped_known_adjusted.with_before" as "capped_known_adjusted.with_before",
  "capped_known_adjusted.with_value" as "capped_known_adjusted.with_value",
  "capped_known_adjusted.capped_known_adjusted.value.invalid" as "capped_known_adjusted.capped_known_adjusted.value.invalid",
  "revenue_adjusted.units" as "revenue_adjusted.units",
  "revenue_adjusted.value.sum" as "revenue_adjusted.value.sum",
  "revenue_adjusted.value.before.sum" as "revenue_adjusted.value.before.sum",
  "revenue_adjusted.value.square" as "revenue_adjusted.value.square",
  "revenue_adjusted.value by value.before" as "revenue_adjusted.value by value.before",
  "revenue_adjusted.value.before.square" as "revenue_adjusted.value.before.square",
  "revenue_adjusted.with_before" as "revenue_adjusted.with_before",
  "revenue_adjusted.with_value" as "revenue_adjusted.with_value",
  "revenue_adjusted.capped_known_adjusted.value.invalid" as "revenue_adjusted.capped_known_adjusted.value.invalid",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else r[1] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else 0e0 end) as "capped_known_adjusted.value.sum",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else r[2] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else 0e0 end) as "capped_known_adjusted.value.before.sum",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]), s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * ((1e0 - 0e0)) as "capped_known_adjusted.missing.sum",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else r[1] end * case when r[1] > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else r[1] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else 0e0 end * case when 0e0 > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else 0e0 end) as "capped_known_adjusted.value.square",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else r[2] end * case when r[1] > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else r[1] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else 0e0 end) as "capped_known_adjusted.value by value.before",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else r[2] end * case when r[2] > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else r[2] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else 0e0 end) as "capped_known_adjusted.value.before.square",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]) * case when r[1] > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else r[1] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * ((1e0 - 0e0) * case when 0e0 > "capped_known_adjusted.value.upper" then "capped_known_adjusted.value.upper" else 0e0 end) as "capped_known_adjusted.value by missing",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]) * case when r[2] > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else r[2] end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * ((1e0 - 0e0) * case when 0e0 > "capped_known_adjusted.value.before.upper" then "capped_known_adjusted.value.before.upper" else 0e0 end) as "capped_known_adjusted.value.before by missing",
  reduce("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "capped_known_adjusted.value.upper" then 1e0 else 0e0 end, s -> s) + ("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values.counted" - cardinality("capped_known_adjusted.value, capped_known_adjusted.value.before, capped_known_adjusted.before values")) * (case when 0e0 > "capped_known_adjusted.value.upper" then 1e0 else 0e0 end) as "capped_known_adjusted.capped",
  "capped_known_adjusted.value.upper" as "capped_known_adjusted.upper",
  "capped_known_adjusted.value.minimum" as "capped_known_adjusted.minimum",
  "capped_known_adjusted.value.maximum" as "capped_known_adjusted.maximum"
from "caps"
where "in_scope"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","DE","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","ios",0,"web",1,2,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
