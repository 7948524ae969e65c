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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov.numerator",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov.denominator",
  avg(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "average.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "average.value.invalid",
  sum(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end) then case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end end end) as "checked.value",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and (raw_amount) is not null and case when isfinite(case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end) then case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end end is null then 1 end) as "checked.value.invalid",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when isfinite(case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end) then case when regexp_full_match((raw_amount), '\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*') then try_cast((raw_amount) as double) end end < 0e0 then 1 end) as "checked.value.below",
  sum(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(try_cast((amount * 2) as double)) then try_cast((amount * 2) as double) end end) as "double_amount.value",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount * 2) is not null and case when isfinite(try_cast((amount * 2) as double)) then try_cast((amount * 2) as double) end is null then 1 end) as "double_amount.value.invalid",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "events.value",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "largest.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "largest.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < "x"."__exposed_at" + interval '259200' second then 1 end) as "late_orders.value",
  sum(case when (event_name in ('purchase', 'refund')) and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "net_revenue.value",
  count(case when (event_name in ('purchase', 'refund')) and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "net_revenue.value.invalid",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < cast($8 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "open_after_a_day.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '86400' second and "f"."__at" < cast($9 as timestamp) and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "open_after_a_day.value.invalid",
  sum(case when (event_name = 'purchase') and "f"."__at" < cast($10 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue.value",
  count(case when (event_name = 'purchase') and "f"."__at" < cast($11 as timestamp) and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "open_revenue.value.invalid",
  count(distinct case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then (product) end) as "products.value",
  count(case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then 1 end) as "refunds.value",
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "smallest.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "smallest.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($12 as timestamp) at time zone 'UTC') and "event_at" < (cast($13 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then coalesce(cast("facts_events"."aov.numerator" as double), 0e0) end as "aov.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then coalesce(cast("facts_events"."aov.denominator" as double), 0e0) end as "aov.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then cast("facts_events"."average.value" as double) end as "average.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) then coalesce(cast("facts_events"."checked.value" as double), 0e0) end as "checked.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) then case when "facts_events"."aov.denominator" > 0 then 1e0 else 0e0 end end as "converted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($19 as timestamp) then coalesce(cast("facts_events"."double_amount.value" as double), 0e0) end as "double_amount.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($20 as timestamp) then coalesce(cast("facts_events"."events.value" as double), 0e0) end as "events.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($21 as timestamp) then cast("facts_events"."largest.value" as double) end as "largest.value",
  case when "x"."exposed_at" + interval '259200' second <= cast($22 as timestamp) then coalesce(cast("facts_events"."late_orders.value" as double), 0e0) end as "late_orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($23 as timestamp) then coalesce(cast("facts_events"."net_revenue.value" as double), 0e0) end as "net_revenue.value",
  cast("facts_events"."open_after_a_day.value" as double) as "open_after_a_day.value",
  cast("facts_events"."open_revenue.value" as double) as "open_revenue.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($24 as timestamp) then coalesce(cast("facts_events"."products.value" as double), 0e0) end as "products.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast($25 as timestamp) then coalesce(cast("facts_events"."refunds.value" as double), 0e0) end as "refunds.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($26 as timestamp) then coalesce(cast("facts_events"."smallest.value" as double), 0e0) end as "smallest.value",
  coalesce("facts_events"."aov.numerator.invalid", 0) as "aov.numerator.invalid",
  coalesce("facts_events"."average.value.invalid", 0) as "average.value.invalid",
  coalesce("facts_events"."checked.value.invalid", 0) as "checked.value.invalid",
  coalesce("facts_events"."checked.value.below", 0) as "checked.value.below",
  coalesce("facts_events"."double_amount.value.invalid", 0) as "double_amount.value.invalid",
  coalesce("facts_events"."largest.value.invalid", 0) as "largest.value.invalid",
  coalesce("facts_events"."net_revenue.value.invalid", 0) as "net_revenue.value.invalid",
  coalesce("facts_events"."open_after_a_day.value.invalid", 0) as "open_after_a_day.value.invalid",
  coalesce("facts_events"."open_revenue.value.invalid", 0) as "open_revenue.value.invalid",
  coalesce("facts_events"."smallest.value.invalid", 0) as "smallest.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "aov.numerator" <> 0e0 then "aov.numerator" end, 0.9e0) as "aov_capped.numerator.upper",
  min("aov.numerator") as "aov_capped.numerator.minimum",
  max("aov.numerator") as "aov_capped.numerator.maximum",
  quantile_cont(case when "aov.numerator" <> 0e0 then "aov.numerator" end, 0.9e0) as "capped.value.upper",
  min("aov.numerator") as "capped.value.minimum",
  max("aov.numerator") as "capped.value.maximum",
  min("aov.numerator") as "capped_at_value.value.minimum",
  max("aov.numerator") as "capped_at_value.value.maximum",
  quantile_cont("aov.numerator", 0.9e0) as "capped_with_zeros.value.upper",
  min("aov.numerator") as "capped_with_zeros.value.minimum",
  max("aov.numerator") as "capped_with_zeros.value.maximum"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."aov.numerator") as "aov.units",
  sum("u"."aov.numerator") as "aov.numerator.sum",
  sum("u"."aov.denominator") as "aov.denominator.sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "aov.numerator.square",
  sum("u"."aov.denominator" * "u"."aov.numerator") as "aov.cross",
  sum("u"."aov.denominator" * "u"."aov.denominator") as "aov.denominator.square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "aov.with_value",
  sum("u"."aov.numerator.invalid") as "aov.aov.numerator.invalid",
  count("u"."aov.numerator") as "aov_capped.units",
  sum("u"."aov.numerator") as "aov_capped.numerator.uncapped_sum",
  sum("u"."aov.denominator") as "aov_capped.denominator.uncapped_sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "aov_capped.numerator.uncapped_square",
  sum("u"."aov.denominator" * "u"."aov.numerator") as "aov_capped.uncapped_cross",
  sum("u"."aov.denominator" * "u"."aov.denominator") as "aov_capped.denominator.uncapped_square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "aov_capped.with_value",
  sum("u"."aov.numerator.invalid") as "aov_capped.aov.numerator.invalid",
  sum(case when "u"."aov.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov.numerator" end) as "aov_capped.numerator.sum",
  sum("u"."aov.denominator") as "aov_capped.denominator.sum",
  sum(case when "u"."aov.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov.numerator" end * case when "u"."aov.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov.numerator" end) as "aov_capped.numerator.square",
  sum("u"."aov.denominator" * case when "u"."aov.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov.numerator" end) as "aov_capped.cross",
  sum("u"."aov.denominator" * "u"."aov.denominator") as "aov_capped.denominator.square",
  sum(case when "u"."aov.numerator" > "c"."aov_capped.numerator.upper" then 1e0 else 0e0 end) as "aov_capped.capped",
  max("c"."aov_capped.numerator.upper") as "aov_capped.upper",
  max("c"."aov_capped.numerator.minimum") as "aov_capped.minimum",
  max("c"."aov_capped.numerator.maximum") as "aov_capped.maximum",
  count("u"."average.value") as "average.units",
  sum("u"."average.value") as "average.value.sum",
  sum("u"."average.value" * "u"."average.value") as "average.value.square",
  count("u"."average.value") as "average.with_value",
  sum("u"."average.value.invalid") as "average.average.value.invalid",
  count("u"."aov.numerator") as "capped.units",
  sum("u"."aov.numerator") as "capped.value.uncapped_sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "capped.value.uncapped_square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "capped.with_value",
  sum("u"."aov.numerator.invalid") as "capped.aov.numerator.invalid",
  sum(case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end) as "capped.value.sum",
  sum(case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end * case when "u"."aov.numerator" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov.numerator" end) as "capped.value.square",
  sum(case when "u"."aov.numerator" > "c"."capped.value.upper" then 1e0 else 0e0 end) as "capped.capped",
  max("c"."capped.value.upper") as "capped.upper",
  max("c"."capped.value.minimum") as "capped.minimum",
  max("c"."capped.value.maximum") as "capped.maximum",
  count("u"."aov.numerator") as "capped_at_value.units",
  sum("u"."aov.numerator") as "capped_at_value.value.uncapped_sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "capped_at_value.value.uncapped_square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "capped_at_value.with_value",
  sum("u"."aov.numerator.invalid") as "capped_at_value.aov.numerator.invalid",
  sum(case when "u"."aov.numerator" > 50e0 then 50e0 else "u"."aov.numerator" end) as "capped_at_value.value.sum",
  sum(case when "u"."aov.numerator" > 50e0 then 50e0 else "u"."aov.numerator" end * case when "u"."aov.numerator" > 50e0 then 50e0 else "u"."aov.numerator" end) as "capped_at_value.value.square",
  sum(case when "u"."aov.numerator" > 50e0 then 1e0 else 0e0 end) as "capped_at_value.capped",
  max("c"."capped_at_value.value.minimum") as "capped_at_value.minimum",
  max("c"."capped_at_value.value.maximum") as "capped_at_value.maximum",
  count("u"."aov.numerator") as "capped_with_zeros.units",
  sum("u"."aov.numerator") as "capped_with_zeros.value.uncapped_sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "capped_with_zeros.value.uncapped_square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "capped_with_zeros.with_value",
  sum("u"."aov.numerator.invalid") as "capped_with_zeros.aov.numerator.invalid",
  sum(case when "u"."aov.numerator" > "c"."capped_with_zeros.value.upper" then "c"."capped_with_zeros.value.upper" else "u"."aov.numerator" end) as "capped_with_zeros.value.sum",
  sum(case when "u"."aov.numerator" > "c"."capped_with_zeros.value.upper" then "c"."capped_with_zeros.value.upper" else "u"."aov.numerator" end * case when "u"."aov.numerator" > "c"."capped_with_zeros.value.upper" then "c"."capped_with_zeros.value.upper" else "u"."aov.numerator" end) as "capped_with_zeros.value.square",
  sum(case when "u"."aov.numerator" > "c"."capped_with_zeros.value.upper" then 1e0 else 0e0 end) as "capped_with_zeros.capped",
  max("c"."capped_with_zeros.value.upper") as "capped_with_zeros.upper",
  max("c"."capped_with_zeros.value.minimum") as "capped_with_zeros.minimum",
  max("c"."capped_with_zeros.value.maximum") as "capped_with_zeros.maximum",
  count("u"."checked.value") as "checked.units",
  sum("u"."checked.value") as "checked.value.sum",
  sum("u"."checked.value" * "u"."checked.value") as "checked.value.square",
  count(case when "u"."checked.value" <> 0e0 then 1 end) as "checked.with_value",
  sum("u"."checked.value.invalid") as "checked.checked.value.invalid",
  sum("u"."checked.value.below") as "checked.checked.value.below",
  count("u"."converted.value") as "converted.units",
  sum("u"."converted.value") as "converted.value.sum",
  count(case when "u"."converted.value" <> 0e0 then 1 end) as "converted.with_value",
  count("u"."double_amount.value") as "double_amount.units",
  sum("u"."double_amount.value") as "double_amount.value.sum",
  sum("u"."double_amount.value" * "u"."double_amount.value") as "double_amount.value.square",
  count(case when "u"."double_amount.value" <> 0e0 then 1 end) as "double_amount.with_value",
  sum("u"."double_amount.value.invalid") as "double_amount.double_amount.value.invalid",
  count("u"."events.value") as "events.units",
  sum("u"."events.value") as "events.value.sum",
  sum("u"."events.value" * "u"."events.value") as "events.value.square",
  count(case when "u"."events.value" <> 0e0 then 1 end) as "events.with_value",
  count("u"."largest.value") as "largest.units",
  sum("u"."largest.value") as "largest.value.sum",
  sum("u"."largest.value" * "u"."largest.value") as "largest.value.square",
  count("u"."largest.value") as "largest.with_value",
  sum("u"."largest.value.invalid") as "largest.largest.value.invalid",
  count("u"."late_orders.value") as "late_orders.units",
  sum("u"."late_orders.value") as "late_orders.value.sum",
  sum("u"."late_orders.value" * "u"."late_orders.value") as "late_orders.value.square",
  count(case when "u"."late_orders.value" <> 0e0 then 1 end) as "late_orders.with_value",
  count("u"."net_revenue.value") as "net_revenue.units",
  sum("u"."net_revenue.value") as "net_revenue.value.sum",
  sum("u"."net_revenue.value" * "u"."net_revenue.value") as "net_revenue.value.square",
  count(case when "u"."net_revenue.value" <> 0e0 then 1 end) as "net_revenue.with_value",
  sum("u"."net_revenue.value.invalid") as "net_revenue.net_revenue.value.invalid",
  count(*) as "open_after_a_day.units",
  sum("u"."open_after_a_day.value") as "open_after_a_day.value.sum",
  sum("u"."open_after_a_day.value" * "u"."open_after_a_day.value") as "open_after_a_day.value.square",
  count(case when "u"."open_after_a_day.value" <> 0e0 then 1 end) as "open_after_a_day.with_value",
  sum("u"."open_after_a_day.value.invalid") as "open_after_a_day.open_after_a_day.value.invalid",
  count(*) as "open_revenue.units",
  sum("u"."open_revenue.value") as "open_revenue.value.sum",
  sum("u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.value.square",
  count(case when "u"."open_revenue.value" <> 0e0 then 1 end) as "open_revenue.with_value",
  sum("u"."open_revenue.value.invalid") as "open_revenue.open_revenue.value.invalid",
  count("u"."aov.denominator") as "orders.units",
  sum("u"."aov.denominator") as "orders.value.sum",
  sum("u"."aov.denominator" * "u"."aov.denominator") as "orders.value.square",
  count(case when "u"."aov.denominator" <> 0e0 then 1 end) as "orders.with_value",
  count("u"."products.value") as "products.units",
  sum("u"."products.value") as "products.value.sum",
  sum("u"."products.value" * "u"."products.value") as "products.value.square",
  count(case when "u"."products.value" <> 0e0 then 1 end) as "products.with_value",
  count("u"."refunds.value") as "refunds.units",
  sum("u"."refunds.value") as "refunds.value.sum",
  sum("u"."refunds.value" * "u"."refunds.value") as "refunds.value.square",
  count(case when "u"."refunds.value" <> 0e0 then 1 end) as "refunds.with_value",
  count("u"."aov.numerator") as "revenue.units",
  sum("u"."aov.numerator") as "revenue.value.sum",
  sum("u"."aov.numerator" * "u"."aov.numerator") as "revenue.value.square",
  count(case when "u"."aov.numerator" <> 0e0 then 1 end) as "revenue.with_value",
  sum("u"."aov.numerator.invalid") as "revenue.aov.numerator.invalid",
  count("u"."smallest.value") as "smallest.units",
  sum("u"."smallest.value") as "smallest.value.sum",
  sum("u"."smallest.value" * "u"."smallest.value") as "smallest.value.square",
  count(case when "u"."smallest.value" <> 0e0 then 1 end) as "smallest.with_value",
  sum("u"."smallest.value.invalid") as "smallest.smallest.value.invalid"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-17 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
