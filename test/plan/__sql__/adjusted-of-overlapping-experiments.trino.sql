with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(2 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)))
) as c ("experiment", "variant", "arm", "enrol_from", "enrol_until", "observed_until", "measured_until")
),
-- assignments with a known unit and a configured variant, inside the enrolment period
"assigned" as (
select
  "c"."experiment",
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  "c"."observed_until",
  "c"."measured_until"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in (?, ?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and ("c"."enrol_from" is null or "s"."__at" >= "c"."enrol_from") and "s"."__at" < "c"."enrol_until"
),
-- first exposure of each unit
"exposures" as (
select
  "experiment",
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  min("observed_until") as "observed_until",
  min("measured_until") as "measured_until"
from assigned
group by "experiment", "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__observed_until") as "observed_until",
  any_value("x"."__measured_until") as "measured_until",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__measured_until" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue_adjusted.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "experiment" as "__experiment", "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < "x"."__observed_until" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."experiment",
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("x"."capped_adjusted.value" as double), 0e0) end as "capped_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("x"."capped_adjusted.value.before" as double), 0e0) end as "capped_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then case when "x"."capped_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_adjusted.before",
  cast("x"."open_revenue_adjusted.value" as double) as "open_revenue_adjusted.value",
  cast("x"."capped_adjusted.value.before" as double) as "open_revenue_adjusted.value.before",
  case when "x"."capped_adjusted.value.before" is not null then 1e0 else 0e0 end as "open_revenue_adjusted.before"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."experiment",
  "u"."arm",
  count(*) as "exposed",
  count("u"."capped_adjusted.value") as "capped_adjusted.units",
  sum("u"."capped_adjusted.before") as "capped_adjusted.with_before",
  count(*) as "open_revenue_adjusted.units",
  sum("u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value.sum",
  sum("u"."open_revenue_adjusted.value.before") as "open_revenue_adjusted.value.before.sum",
  sum("u"."open_revenue_adjusted.value" * "u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value.square",
  sum("u"."open_revenue_adjusted.value.before" * "u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value by value.before",
  sum("u"."open_revenue_adjusted.value.before" * "u"."open_revenue_adjusted.value.before") as "open_revenue_adjusted.value.before.square",
  sum("u"."open_revenue_adjusted.before") as "open_revenue_adjusted.with_before",
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
group by "u"."experiment", "u"."arm"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("capped_adjusted.value, capped_adjusted.value.before values") over (partition by "experiment")) as "capped_adjusted.value, capped_adjusted.value.before values.pool"
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
  "experiment" as "experiment",
  "arm" as "arm",
  "exposed" as "exposed",
  "capped_adjusted.units" as "capped_adjusted.units",
  "capped_adjusted.with_before" as "capped_adjusted.with_before",
  "open_revenue_adjusted.units" as "open_revenue_adjusted.units",
  "open_revenue_adjusted.value.sum" as "open_revenue_adjusted.value.sum",
  "open_revenue_adjusted.value.before.sum" as "open_revenue_adjusted.value.before.sum",
  "open_revenue_adjusted.value.square" as "open_revenue_adjusted.value.square",
  "open_revenue_adjusted.value by value.before" as "open_revenue_adjusted.value by value.before",
  "open_revenue_adjusted.value.before.square" as "open_revenue_adjusted.value.before.square",
  "open_revenue_adjusted.with_before" as "open_revenue_adjusted.with_before",
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
inner join configured as c on "c"."arm" = "r"."arm" and "c"."experiment" = "r"."experiment"
order by "r"."experiment", "r"."arm"
-- parameters: ["checkout","control","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","pricing","a","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","b","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","c","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","checkout","pricing","2026-03-20 00:00:00.000000","2026-04-08 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-15 00:00:00.000000"]
