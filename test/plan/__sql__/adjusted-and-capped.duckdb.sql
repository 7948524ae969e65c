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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_capped_adjusted.numerator",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_capped_adjusted.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_capped_adjusted.denominator",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_capped_adjusted.numerator.before",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then 1 end) as "aov_capped_adjusted.denominator.before",
  max(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "capped_largest_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped_largest_adjusted.value.invalid",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "capped_largest_adjusted.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then coalesce(cast("facts_events"."aov_capped_adjusted.numerator" as double), 0e0) end as "aov_capped_adjusted.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."aov_capped_adjusted.denominator" as double), 0e0) end as "aov_capped_adjusted.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then coalesce(cast("facts_events"."aov_capped_adjusted.numerator.before" as double), 0e0) end as "aov_capped_adjusted.numerator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then coalesce(cast("facts_events"."aov_capped_adjusted.denominator.before" as double), 0e0) end as "aov_capped_adjusted.denominator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then case when ("facts_events"."aov_capped_adjusted.numerator.before" is not null or "facts_events"."aov_capped_adjusted.denominator.before" > 0) then 1e0 else 0e0 end end as "aov_capped_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then case when "facts_events"."aov_capped_adjusted.numerator.before" is not null then 1e0 else 0e0 end end as "capped_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then cast("facts_events"."capped_largest_adjusted.value" as double) end as "capped_largest_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) and "facts_events"."capped_largest_adjusted.value" is not null then coalesce(cast("facts_events"."capped_largest_adjusted.value.before" as double), 0e0) end as "capped_largest_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) and "facts_events"."capped_largest_adjusted.value" is not null then case when "facts_events"."capped_largest_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_largest_adjusted.before",
  coalesce("facts_events"."aov_capped_adjusted.numerator.invalid", 0) as "aov_capped_adjusted.numerator.invalid",
  coalesce("facts_events"."capped_largest_adjusted.value.invalid", 0) as "capped_largest_adjusted.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "aov_capped_adjusted.numerator" <> 0e0 then "aov_capped_adjusted.numerator" end, 0.8e0) as "aov_capped_adjusted.numerator.upper",
  min("aov_capped_adjusted.numerator") as "aov_capped_adjusted.numerator.minimum",
  max("aov_capped_adjusted.numerator") as "aov_capped_adjusted.numerator.maximum",
  quantile_cont(case when "aov_capped_adjusted.numerator.before" <> 0e0 then "aov_capped_adjusted.numerator.before" end, 0.8e0) as "aov_capped_adjusted.numerator.before.upper",
  quantile_cont(case when "aov_capped_adjusted.numerator" <> 0e0 then "aov_capped_adjusted.numerator" end, 0.8e0) as "capped_adjusted.value.upper",
  min("aov_capped_adjusted.numerator") as "capped_adjusted.value.minimum",
  max("aov_capped_adjusted.numerator") as "capped_adjusted.value.maximum",
  quantile_cont(case when "aov_capped_adjusted.numerator.before" <> 0e0 then "aov_capped_adjusted.numerator.before" end, 0.8e0) as "capped_adjusted.value.before.upper",
  min("aov_capped_adjusted.numerator") as "capped_at_value_adjusted.value.minimum",
  max("aov_capped_adjusted.numerator") as "capped_at_value_adjusted.value.maximum",
  quantile_cont(case when "aov_capped_adjusted.numerator" <> 0e0 then "aov_capped_adjusted.numerator" end, 0.8e0) as "capped_known_adjusted.value.upper",
  min("aov_capped_adjusted.numerator") as "capped_known_adjusted.value.minimum",
  max("aov_capped_adjusted.numerator") as "capped_known_adjusted.value.maximum",
  quantile_cont(case when "aov_capped_adjusted.numerator.before" <> 0e0 then "aov_capped_adjusted.numerator.before" end, 0.8e0) as "capped_known_adjusted.value.before.upper",
  quantile_cont("capped_largest_adjusted.value", 0.2e0) as "capped_largest_adjusted.value.lower",
  quantile_cont("capped_largest_adjusted.value", 0.8e0) as "capped_largest_adjusted.value.upper",
  min("capped_largest_adjusted.value") as "capped_largest_adjusted.value.minimum",
  max("capped_largest_adjusted.value") as "capped_largest_adjusted.value.maximum",
  quantile_cont("capped_largest_adjusted.value.before", 0.2e0) as "capped_largest_adjusted.value.before.lower",
  quantile_cont("capped_largest_adjusted.value.before", 0.8e0) as "capped_largest_adjusted.value.before.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."aov_capped_adjusted.numerator") as "aov_capped_adjusted.units",
  sum("u"."aov_capped_adjusted.numerator") as "aov_capped_adjusted.numerator.uncapped_sum",
  sum("u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator.uncapped_sum",
  sum("u"."aov_capped_adjusted.numerator" * "u"."aov_capped_adjusted.numerator") as "aov_capped_adjusted.numerator.uncapped_square",
  sum("u"."aov_capped_adjusted.denominator" * "u"."aov_capped_adjusted.numerator") as "aov_capped_adjusted.uncapped_cross",
  sum("u"."aov_capped_adjusted.denominator" * "u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator.uncapped_square",
  sum("u"."aov_capped_adjusted.before") as "aov_capped_adjusted.with_before",
  count(case when "u"."aov_capped_adjusted.numerator" <> 0e0 then 1 end) as "aov_capped_adjusted.with_value",
  sum("u"."aov_capped_adjusted.numerator.invalid") as "aov_capped_adjusted.aov_capped_adjusted.numerator.invalid",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end) as "aov_capped_adjusted.numerator.sum",
  sum("u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator.sum",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "aov_capped_adjusted.numerator.before.sum",
  sum("u"."aov_capped_adjusted.denominator.before") as "aov_capped_adjusted.denominator.before.sum",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end * case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end) as "aov_capped_adjusted.numerator.square",
  sum("u"."aov_capped_adjusted.denominator" * case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end) as "aov_capped_adjusted.cross",
  sum("u"."aov_capped_adjusted.denominator" * "u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator.square",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end) as "aov_capped_adjusted.numerator by numerator.before",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * "u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator by numerator.before",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "aov_capped_adjusted.numerator.before.square",
  sum("u"."aov_capped_adjusted.denominator.before" * case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then "c"."aov_capped_adjusted.numerator.upper" else "u"."aov_capped_adjusted.numerator" end) as "aov_capped_adjusted.numerator by denominator.before",
  sum("u"."aov_capped_adjusted.denominator.before" * "u"."aov_capped_adjusted.denominator") as "aov_capped_adjusted.denominator by denominator.before",
  sum("u"."aov_capped_adjusted.denominator.before" * case when "u"."aov_capped_adjusted.numerator.before" > "c"."aov_capped_adjusted.numerator.before.upper" then "c"."aov_capped_adjusted.numerator.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "aov_capped_adjusted.numerator.before by denominator.before",
  sum("u"."aov_capped_adjusted.denominator.before" * "u"."aov_capped_adjusted.denominator.before") as "aov_capped_adjusted.denominator.before.square",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."aov_capped_adjusted.numerator.upper" then 1e0 else 0e0 end) as "aov_capped_adjusted.capped",
  max("c"."aov_capped_adjusted.numerator.upper") as "aov_capped_adjusted.upper",
  max("c"."aov_capped_adjusted.numerator.minimum") as "aov_capped_adjusted.minimum",
  max("c"."aov_capped_adjusted.numerator.maximum") as "aov_capped_adjusted.maximum",
  count("u"."aov_capped_adjusted.numerator") as "capped_adjusted.units",
  sum("u"."aov_capped_adjusted.numerator") as "capped_adjusted.value.uncapped_sum",
  sum("u"."aov_capped_adjusted.numerator" * "u"."aov_capped_adjusted.numerator") as "capped_adjusted.value.uncapped_square",
  sum("u"."capped_adjusted.before") as "capped_adjusted.with_before",
  count(case when "u"."aov_capped_adjusted.numerator" <> 0e0 then 1 end) as "capped_adjusted.with_value",
  sum("u"."aov_capped_adjusted.numerator.invalid") as "capped_adjusted.aov_capped_adjusted.numerator.invalid",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_adjusted.value.sum",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "capped_adjusted.value.before.sum",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end * case when "u"."aov_capped_adjusted.numerator" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_adjusted.value.square",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_adjusted.value by value.before",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "capped_adjusted.value.before.square",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_adjusted.value.upper" then 1e0 else 0e0 end) as "capped_adjusted.capped",
  max("c"."capped_adjusted.value.upper") as "capped_adjusted.upper",
  max("c"."capped_adjusted.value.minimum") as "capped_adjusted.minimum",
  max("c"."capped_adjusted.value.maximum") as "capped_adjusted.maximum",
  count("u"."aov_capped_adjusted.numerator") as "capped_at_value_adjusted.units",
  sum("u"."aov_capped_adjusted.numerator") as "capped_at_value_adjusted.value.uncapped_sum",
  sum("u"."aov_capped_adjusted.numerator" * "u"."aov_capped_adjusted.numerator") as "capped_at_value_adjusted.value.uncapped_square",
  sum("u"."capped_adjusted.before") as "capped_at_value_adjusted.with_before",
  count(case when "u"."aov_capped_adjusted.numerator" <> 0e0 then 1 end) as "capped_at_value_adjusted.with_value",
  sum("u"."aov_capped_adjusted.numerator.invalid") as "capped_at_value_adjusted.aov_capped_adjusted.numerator.invalid",
  sum(case when "u"."aov_capped_adjusted.numerator" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator" end) as "capped_at_value_adjusted.value.sum",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator.before" end) as "capped_at_value_adjusted.value.before.sum",
  sum(case when "u"."aov_capped_adjusted.numerator" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator" end * case when "u"."aov_capped_adjusted.numerator" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator" end) as "capped_at_value_adjusted.value.square",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator" end) as "capped_at_value_adjusted.value by value.before",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator.before" > 60e0 then 60e0 else "u"."aov_capped_adjusted.numerator.before" end) as "capped_at_value_adjusted.value.before.square",
  sum(case when "u"."aov_capped_adjusted.numerator" > 60e0 then 1e0 else 0e0 end) as "capped_at_value_adjusted.capped",
  max("c"."capped_at_value_adjusted.value.minimum") as "capped_at_value_adjusted.minimum",
  max("c"."capped_at_value_adjusted.value.maximum") as "capped_at_value_adjusted.maximum",
  count("u"."aov_capped_adjusted.numerator") as "capped_known_adjusted.units",
  sum("u"."aov_capped_adjusted.numerator") as "capped_known_adjusted.value.uncapped_sum",
  sum("u"."aov_capped_adjusted.numerator" * "u"."aov_capped_adjusted.numerator") as "capped_known_adjusted.value.uncapped_square",
  sum("u"."capped_adjusted.before") as "capped_known_adjusted.with_before",
  count(case when "u"."aov_capped_adjusted.numerator" <> 0e0 then 1 end) as "capped_known_adjusted.with_value",
  sum("u"."aov_capped_adjusted.numerator.invalid") as "capped_known_adjusted.aov_capped_adjusted.numerator.invalid",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_known_adjusted.value.sum",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "capped_known_adjusted.value.before.sum",
  sum((1e0 - "u"."capped_adjusted.before")) as "capped_known_adjusted.missing.sum",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end * case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_known_adjusted.value.square",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_known_adjusted.value by value.before",
  sum(case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end * case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "capped_known_adjusted.value.before.square",
  sum((1e0 - "u"."capped_adjusted.before") * case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."aov_capped_adjusted.numerator" end) as "capped_known_adjusted.value by missing",
  sum((1e0 - "u"."capped_adjusted.before") * case when "u"."aov_capped_adjusted.numerator.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."aov_capped_adjusted.numerator.before" end) as "capped_known_adjusted.value.before by missing",
  sum(case when "u"."aov_capped_adjusted.numerator" > "c"."capped_known_adjusted.value.upper" then 1e0 else 0e0 end) as "capped_known_adjusted.capped",
  max("c"."capped_known_adjusted.value.upper") as "capped_known_adjusted.upper",
  max("c"."capped_known_adjusted.value.minimum") as "capped_known_adjusted.minimum",
  max("c"."capped_known_adjusted.value.maximum") as "capped_known_adjusted.maximum",
  count("u"."capped_largest_adjusted.value") as "capped_largest_adjusted.units",
  sum("u"."capped_largest_adjusted.value") as "capped_largest_adjusted.value.uncapped_sum",
  sum("u"."capped_largest_adjusted.value" * "u"."capped_largest_adjusted.value") as "capped_largest_adjusted.value.uncapped_square",
  sum("u"."capped_largest_adjusted.before") as "capped_largest_adjusted.with_before",
  count("u"."capped_largest_adjusted.value") as "capped_largest_adjusted.with_value",
  sum("u"."capped_largest_adjusted.value.invalid") as "capped_largest_adjusted.capped_largest_adjusted.value.invalid",
  sum(case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" then "c"."capped_largest_adjusted.value.upper" when "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then "c"."capped_largest_adjusted.value.lower" else "u"."capped_largest_adjusted.value" end) as "capped_largest_adjusted.value.sum",
  sum(case when "u"."capped_largest_adjusted.value.before" > "c"."capped_largest_adjusted.value.before.upper" then "c"."capped_largest_adjusted.value.before.upper" when "u"."capped_largest_adjusted.value.before" < "c"."capped_largest_adjusted.value.before.lower" then "c"."capped_largest_adjusted.value.before.lower" else "u"."capped_largest_adjusted.value.before" end) as "capped_largest_adjusted.value.before.sum",
  sum((1e0 - "u"."capped_largest_adjusted.before")) as "capped_largest_adjusted.missing.sum",
  sum(case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" then "c"."capped_largest_adjusted.value.upper" when "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then "c"."capped_largest_adjusted.value.lower" else "u"."capped_largest_adjusted.value" end * case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" then "c"."capped_largest_adjusted.value.upper" when "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then "c"."capped_largest_adjusted.value.lower" else "u"."capped_largest_adjusted.value" end) as "capped_largest_adjusted.value.square",
  sum(case when "u"."capped_largest_adjusted.value.before" > "c"."capped_largest_adjusted.value.before.upper" then "c"."capped_largest_adjusted.value.before.upper" when "u"."capped_largest_adjusted.value.before" < "c"."capped_largest_adjusted.value.before.lower" then "c"."capped_largest_adjusted.value.before.lower" else "u"."capped_largest_adjusted.value.before" end * case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" then "c"."capped_largest_adjusted.value.upper" when "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then "c"."capped_largest_adjusted.value.lower" else "u"."capped_largest_adjusted.value" end) as "capped_largest_adjusted.value by value.before",
  sum(case when "u"."capped_largest_adjusted.value.before" > "c"."capped_largest_adjusted.value.before.upper" then "c"."capped_largest_adjusted.value.before.upper" when "u"."capped_largest_adjusted.value.before" < "c"."capped_largest_adjusted.value.before.lower" then "c"."capped_largest_adjusted.value.before.lower" else "u"."capped_largest_adjusted.value.before" end * case when "u"."capped_largest_adjusted.value.before" > "c"."capped_largest_adjusted.value.before.upper" then "c"."capped_largest_adjusted.value.before.upper" when "u"."capped_largest_adjusted.value.before" < "c"."capped_largest_adjusted.value.before.lower" then "c"."capped_largest_adjusted.value.before.lower" else "u"."capped_largest_adjusted.value.before" end) as "capped_largest_adjusted.value.before.square",
  sum((1e0 - "u"."capped_largest_adjusted.before") * case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" then "c"."capped_largest_adjusted.value.upper" when "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then "c"."capped_largest_adjusted.value.lower" else "u"."capped_largest_adjusted.value" end) as "capped_largest_adjusted.value by missing",
  sum((1e0 - "u"."capped_largest_adjusted.before") * case when "u"."capped_largest_adjusted.value.before" > "c"."capped_largest_adjusted.value.before.upper" then "c"."capped_largest_adjusted.value.before.upper" when "u"."capped_largest_adjusted.value.before" < "c"."capped_largest_adjusted.value.before.lower" then "c"."capped_largest_adjusted.value.before.lower" else "u"."capped_largest_adjusted.value.before" end) as "capped_largest_adjusted.value.before by missing",
  sum(case when "u"."capped_largest_adjusted.value" > "c"."capped_largest_adjusted.value.upper" or "u"."capped_largest_adjusted.value" < "c"."capped_largest_adjusted.value.lower" then 1e0 else 0e0 end) as "capped_largest_adjusted.capped",
  max("c"."capped_largest_adjusted.value.lower") as "capped_largest_adjusted.lower",
  max("c"."capped_largest_adjusted.value.upper") as "capped_largest_adjusted.upper",
  max("c"."capped_largest_adjusted.value.minimum") as "capped_largest_adjusted.minimum",
  max("c"."capped_largest_adjusted.value.maximum") as "capped_largest_adjusted.maximum"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
