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
  cast("user_id" as varchar) as "__unit",
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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "amount_per_visit.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "amount_per_visit.value.invalid",
  count(case when (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "net.value.1",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "net_adjusted.value.before",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "share_of_refunds.value.1",
  count(case when (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then 1 end) as "share_of_refunds.value.before",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then 1 end) as "share_of_refunds.value.before.1"
from (
  select s.*, cast("user_id" as varchar) as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and event_name in ('purchase', 'refund')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in visits
"facts_visits" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "amount_per_visit.value.1",
  case when abs(sum(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end)) <= 1e-12 * sum(abs(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end)) then 0e0 else sum(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end) end as "net_adjusted.value.1",
  count(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (seconds) is not null and cast((seconds) as double) is null then 1 end) as "net_adjusted.value.1.invalid",
  case when abs(sum(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end)) <= 1e-12 * sum(abs(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end)) then 0e0 else sum(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end) end as "net_adjusted.value.before.1"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when cast("x"."amount_per_visit.value" as double) is not null then coalesce((cast("x"."amount_per_visit.value" as double) / nullif(coalesce(cast("facts_visits"."amount_per_visit.value.1" as double), 0e0), 0e0)), 0e0) end end as "amount_per_visit.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when abs((coalesce(cast("x"."amount_per_visit.value" as double), 0e0) - (2e0 * coalesce(cast("x"."net.value.1" as double), 0e0)))) <= 1e-12 * (abs(coalesce(cast("x"."amount_per_visit.value" as double), 0e0)) + abs((2e0 * coalesce(cast("x"."net.value.1" as double), 0e0)))) then 0e0 else (coalesce(cast("x"."amount_per_visit.value" as double), 0e0) - (2e0 * coalesce(cast("x"."net.value.1" as double), 0e0))) end end as "net.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when abs((((0e0 - (coalesce(cast("x"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0)) <= 1e-12 * (abs(((0e0 - (coalesce(cast("x"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0))) + abs(1e0)) then 0e0 else (((0e0 - (coalesce(cast("x"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0) end end as "net_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when abs((((0e0 - (coalesce(cast("x"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0)) <= 1e-12 * (abs(((0e0 - (coalesce(cast("x"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0))) + abs(1e0)) then 0e0 else (((0e0 - (coalesce(cast("x"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0) end end as "net_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when ("x"."net_adjusted.value.before" is not null or "facts_visits"."net_adjusted.value.before.1" is not null) then 1e0 else 0e0 end end as "net_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then (coalesce(cast("x"."net.value.1" as double), 0e0) / nullif((coalesce(cast("x"."net.value.1" as double), 0e0) + coalesce(cast("x"."share_of_refunds.value.1" as double), 0e0)), 0e0)) end as "share_of_refunds.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and (coalesce(cast("x"."net.value.1" as double), 0e0) / nullif((coalesce(cast("x"."net.value.1" as double), 0e0) + coalesce(cast("x"."share_of_refunds.value.1" as double), 0e0)), 0e0)) is not null then coalesce((coalesce(cast("x"."share_of_refunds.value.before" as double), 0e0) / nullif((coalesce(cast("x"."share_of_refunds.value.before" as double), 0e0) + coalesce(cast("x"."share_of_refunds.value.before.1" as double), 0e0)), 0e0)), 0e0) end as "share_of_refunds.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and (coalesce(cast("x"."net.value.1" as double), 0e0) / nullif((coalesce(cast("x"."net.value.1" as double), 0e0) + coalesce(cast("x"."share_of_refunds.value.1" as double), 0e0)), 0e0)) is not null then case when ("x"."share_of_refunds.value.before" > 0 or "x"."share_of_refunds.value.before.1" > 0) and (coalesce(cast("x"."share_of_refunds.value.before" as double), 0e0) / nullif((coalesce(cast("x"."share_of_refunds.value.before" as double), 0e0) + coalesce(cast("x"."share_of_refunds.value.before.1" as double), 0e0)), 0e0)) is not null then 1e0 else 0e0 end end as "share_of_refunds.before",
  coalesce("x"."amount_per_visit.value.invalid", 0) as "amount_per_visit.value.invalid",
  coalesce("facts_visits"."net_adjusted.value.1.invalid", 0) as "net_adjusted.value.1.invalid"
from "facts_events" as x
left join "facts_visits" on "facts_visits"."unit" = "x"."unit"
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."amount_per_visit.value") as "amount_per_visit.units",
  sum("u"."amount_per_visit.value") as "amount_per_visit.value.sum",
  sum("u"."amount_per_visit.value" * "u"."amount_per_visit.value") as "amount_per_visit.value.square",
  count("u"."amount_per_visit.value") as "amount_per_visit.with_value",
  sum("u"."amount_per_visit.value.invalid") as "amount_per_visit.amount_per_visit.value.invalid",
  count("u"."net.value") as "net.units",
  sum("u"."net.value") as "net.value.sum",
  sum("u"."net.value" * "u"."net.value") as "net.value.square",
  count(case when "u"."net.value" <> 0e0 then 1 end) as "net.with_value",
  sum("u"."amount_per_visit.value.invalid") as "net.amount_per_visit.value.invalid",
  count("u"."net_adjusted.value") as "net_adjusted.units",
  sum("u"."net_adjusted.value") as "net_adjusted.value.uncapped_sum",
  sum("u"."net_adjusted.value" * "u"."net_adjusted.value") as "net_adjusted.value.uncapped_square",
  sum("u"."net_adjusted.before") as "net_adjusted.with_before",
  count(case when "u"."net_adjusted.value" <> 0e0 then 1 end) as "net_adjusted.with_value",
  sum("u"."amount_per_visit.value.invalid") as "net_adjusted.amount_per_visit.value.invalid",
  sum("u"."net_adjusted.value.1.invalid") as "net_adjusted.net_adjusted.value.1.invalid",
  count("u"."share_of_refunds.value") as "share_of_refunds.units",
  sum("u"."share_of_refunds.value") as "share_of_refunds.value.sum",
  sum("u"."share_of_refunds.value.before") as "share_of_refunds.value.before.sum",
  sum((1e0 - "u"."share_of_refunds.before")) as "share_of_refunds.missing.sum",
  sum("u"."share_of_refunds.value" * "u"."share_of_refunds.value") as "share_of_refunds.value.square",
  sum("u"."share_of_refunds.value.before" * "u"."share_of_refunds.value") as "share_of_refunds.value by value.before",
  sum("u"."share_of_refunds.value.before" * "u"."share_of_refunds.value.before") as "share_of_refunds.value.before.square",
  sum((1e0 - "u"."share_of_refunds.before") * "u"."share_of_refunds.value") as "share_of_refunds.value by missing",
  sum((1e0 - "u"."share_of_refunds.before") * "u"."share_of_refunds.value.before") as "share_of_refunds.value.before by missing",
  sum("u"."share_of_refunds.before") as "share_of_refunds.with_before",
  count("u"."share_of_refunds.value") as "share_of_refunds.with_value",
  coalesce(array_agg(row("u"."net_adjusted.value", "u"."net_adjusted.value.before", "u"."net_adjusted.before")) filter (where "u"."net_adjusted.value" <> 0e0 or "u"."net_adjusted.value.before" <> 0e0 or "u"."net_adjusted.before" <> 0e0), array[]) as "net_adjusted.value, net_adjusted.value.before, net_adjusted.before values",
  count("u"."net_adjusted.value") as "net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted",
  min("u"."net_adjusted.value") as "net_adjusted.value.minimum of the arm",
  max("u"."net_adjusted.value") as "net_adjusted.value.maximum of the arm"
from units as u
group by "u"."arm"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values") over ()) as "net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.pool",
  min("net_adjusted.value.minimum of the arm") over () as "net_adjusted.value.minimum",
  max("net_adjusted.value.maximum of the arm") over () as "net_adjusted.value.maximum"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter(transform("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.pool", r -> r[1]), r -> r <> 0e0)) as "net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted",
  array_sort(filter(transform("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.pool", r -> r[2]), r -> r <> 0e0)) as "net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") > 0 then element_at("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1) + (element_at("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(ceiling(0.8e0 * (cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1) - element_at("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1) - floor(0.8e0 * (cardinality("net_adjusted.value of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1))) end as "net_adjusted.value.upper",
  case when cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") > 0 then element_at("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1) + (element_at("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(ceiling(0.8e0 * (cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1) - element_at("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted", cast(floor(0.8e0 * (cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1) - floor(0.8e0 * (cardinality("net_adjusted.value.before of net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.sorted") - 1))) end as "net_adjusted.value.before.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "exposed" as "exposed",
  "amount_per_visit.units" as "amount_per_visit.units",
  "amount_per_visit.value.sum" as "amount_per_visit.value.sum",
  "amount_per_visit.value.square" as "amount_per_visit.value.square",
  "amount_per_visit.with_value" as "amount_per_visit.with_value",
  "amount_per_visit.amount_per_visit.value.invalid" as "amount_per_visit.amount_per_visit.value.invalid",
  "net.units" as "net.units",
  "net.value.sum" as "net.value.sum",
  "net.value.square" as "net.value.square",
  "net.with_value" as "net.with_value",
  "net.amount_per_visit.value.invalid" as "net.amount_per_visit.value.invalid",
  "net_adjusted.units" as "net_adjusted.units",
  "net_adjusted.value.uncapped_sum" as "net_adjusted.value.uncapped_sum",
  "net_adjusted.value.uncapped_square" as "net_adjusted.value.uncapped_square",
  "net_adjusted.with_before" as "net_adjusted.with_before",
  "net_adjusted.with_value" as "net_adjusted.with_value",
  "net_adjusted.amount_per_visit.value.invalid" as "net_adjusted.amount_per_visit.value.invalid",
  "net_adjusted.net_adjusted.value.1.invalid" as "net_adjusted.net_adjusted.value.1.invalid",
  "share_of_refunds.units" as "share_of_refunds.units",
  "share_of_refunds.value.sum" as "share_of_refunds.value.sum",
  "share_of_refunds.value.before.sum" as "share_of_refunds.value.before.sum",
  "share_of_refunds.missing.sum" as "share_of_refunds.missing.sum",
  "share_of_refunds.value.square" as "share_of_refunds.value.square",
  "share_of_refunds.value by value.before" as "share_of_refunds.value by value.before",
  "share_of_refunds.value.before.square" as "share_of_refunds.value.before.square",
  "share_of_refunds.value by missing" as "share_of_refunds.value by missing",
  "share_of_refunds.value.before by missing" as "share_of_refunds.value.before by missing",
  "share_of_refunds.with_before" as "share_of_refunds.with_before",
  "share_of_refunds.with_value" as "share_of_refunds.with_value",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "net_adjusted.value.upper" then "net_adjusted.value.upper" else r[1] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.upper" then "net_adjusted.value.upper" else 0e0 end) as "net_adjusted.value.sum",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else r[2] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else 0e0 end) as "net_adjusted.value.before.sum",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]), s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * ((1e0 - 0e0)) as "net_adjusted.missing.sum",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "net_adjusted.value.upper" then "net_adjusted.value.upper" else r[1] end * case when r[1] > "net_adjusted.value.upper" then "net_adjusted.value.upper" else r[1] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.upper" then "net_adjusted.value.upper" else 0e0 end * case when 0e0 > "net_adjusted.value.upper" then "net_adjusted.value.upper" else 0e0 end) as "net_adjusted.value.square",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else r[2] end * case when r[1] > "net_adjusted.value.upper" then "net_adjusted.value.upper" else r[1] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "net_adjusted.value.upper" then "net_adjusted.value.upper" else 0e0 end) as "net_adjusted.value by value.before",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[2] > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else r[2] end * case when r[2] > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else r[2] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else 0e0 end * case when 0e0 > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else 0e0 end) as "net_adjusted.value.before.square",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]) * case when r[1] > "net_adjusted.value.upper" then "net_adjusted.value.upper" else r[1] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * ((1e0 - 0e0) * case when 0e0 > "net_adjusted.value.upper" then "net_adjusted.value.upper" else 0e0 end) as "net_adjusted.value by missing",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + (1e0 - r[3]) * case when r[2] > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else r[2] end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * ((1e0 - 0e0) * case when 0e0 > "net_adjusted.value.before.upper" then "net_adjusted.value.before.upper" else 0e0 end) as "net_adjusted.value.before by missing",
  reduce("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values", 0e0, (s, r) -> s + case when r[1] > "net_adjusted.value.upper" then 1e0 else 0e0 end, s -> s) + ("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values.counted" - cardinality("net_adjusted.value, net_adjusted.value.before, net_adjusted.before values")) * (case when 0e0 > "net_adjusted.value.upper" then 1e0 else 0e0 end) as "net_adjusted.capped",
  "net_adjusted.value.upper" as "net_adjusted.upper",
  "net_adjusted.value.minimum" as "net_adjusted.minimum",
  "net_adjusted.value.maximum" as "net_adjusted.maximum"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
