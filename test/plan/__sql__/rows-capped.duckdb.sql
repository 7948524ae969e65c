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
  ("assigned_at" at time zone 'UTC') as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC')
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
"exposures" as materialized (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 70e0 then 70e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "aov_rows_capped.numerator",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_rows_capped.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 70e0) then 1 end) as "aov_rows_capped.numerator.cut",
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_rows_capped.numerator.least",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_rows_capped.numerator.greatest",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_rows_capped.denominator",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_rows_capped.numerator.uncapped",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_rows_capped.numerator.uncapped.invalid",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 40e0 then 40e0 when case when isfinite(cast((amount) as double)) then cast((amount) as double) end < 5e0 then 5e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "ratio_rows_capped.numerator",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "ratio_rows_capped.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 40e0 or case when isfinite(cast((amount) as double)) then cast((amount) as double) end < 5e0) then 1 end) as "ratio_rows_capped.numerator.cut",
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.numerator.least",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.numerator.greatest",
  sum(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 40e0 then 40e0 when case when isfinite(cast((amount) as double)) then cast((amount) as double) end < 5e0 then 5e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "ratio_rows_capped.denominator",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "ratio_rows_capped.denominator.invalid",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 40e0 or case when isfinite(cast((amount) as double)) then cast((amount) as double) end < 5e0) then 1 end) as "ratio_rows_capped.denominator.cut",
  min(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.least",
  max(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.greatest",
  sum(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.uncapped",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0 then 50e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0) then 1 end) as "rows_capped.value.cut",
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.least",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.greatest",
  avg(case when "f"."__at" < cast($8 as timestamp) then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 60e0 then 60e0 when case when isfinite(cast((amount) as double)) then cast((amount) as double) end < -10e0 then -10e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped_both_ways.value",
  count(case when "f"."__at" < cast($9 as timestamp) and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped_both_ways.value.invalid",
  count(case when "f"."__at" < cast($10 as timestamp) and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 60e0 or case when isfinite(cast((amount) as double)) then cast((amount) as double) end < -10e0) then 1 end) as "rows_capped_both_ways.value.cut",
  min(case when "f"."__at" < cast($11 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.least",
  max(case when "f"."__at" < cast($12 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.greatest",
  avg(case when "f"."__at" < cast($13 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.uncapped"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($14 as timestamp) at time zone 'UTC') and "event_at" < (cast($15 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."dim_platform" = cast($16 as varchar) then $17 when "x"."dim_platform" = cast($18 as varchar) then $19 else cast($20 as bigint) end as "slice",
  case when "x"."exposed_at" + interval '604800' second <= cast($21 as timestamp) then coalesce(cast("facts_events"."aov_rows_capped.numerator" as double), 0e0) end as "aov_rows_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($22 as timestamp) then coalesce(cast("facts_events"."aov_rows_capped.denominator" as double), 0e0) end as "aov_rows_capped.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast($23 as timestamp) then coalesce(cast("facts_events"."aov_rows_capped.numerator.uncapped" as double), 0e0) end as "aov_rows_capped.numerator.uncapped",
  case when "x"."exposed_at" + interval '604800' second <= cast($24 as timestamp) then coalesce(cast("facts_events"."ratio_rows_capped.numerator" as double), 0e0) end as "ratio_rows_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($25 as timestamp) then coalesce(cast("facts_events"."ratio_rows_capped.denominator" as double), 0e0) end as "ratio_rows_capped.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast($26 as timestamp) then coalesce(cast("facts_events"."ratio_rows_capped.denominator.uncapped" as double), 0e0) end as "ratio_rows_capped.denominator.uncapped",
  case when "x"."exposed_at" + interval '604800' second <= cast($27 as timestamp) then coalesce(cast("facts_events"."rows_capped.value" as double), 0e0) end as "rows_capped.value",
  cast("facts_events"."rows_capped_both_ways.value" as double) as "rows_capped_both_ways.value",
  case when "facts_events"."rows_capped_both_ways.value" is not null then cast("facts_events"."rows_capped_both_ways.value.uncapped" as double) end as "rows_capped_both_ways.value.uncapped",
  coalesce("facts_events"."aov_rows_capped.numerator.invalid", 0) as "aov_rows_capped.numerator.invalid",
  coalesce("facts_events"."aov_rows_capped.numerator.uncapped.invalid", 0) as "aov_rows_capped.numerator.uncapped.invalid",
  coalesce("facts_events"."ratio_rows_capped.numerator.invalid", 0) as "ratio_rows_capped.numerator.invalid",
  coalesce("facts_events"."ratio_rows_capped.denominator.invalid", 0) as "ratio_rows_capped.denominator.invalid",
  coalesce("facts_events"."rows_capped.value.invalid", 0) as "rows_capped.value.invalid",
  coalesce("facts_events"."rows_capped_both_ways.value.invalid", 0) as "rows_capped_both_ways.value.invalid",
  coalesce("facts_events"."aov_rows_capped.numerator.cut", 0) as "aov_rows_capped.numerator.cut",
  "facts_events"."aov_rows_capped.numerator.least" as "aov_rows_capped.numerator.least",
  "facts_events"."aov_rows_capped.numerator.greatest" as "aov_rows_capped.numerator.greatest",
  coalesce("facts_events"."ratio_rows_capped.numerator.cut", 0) as "ratio_rows_capped.numerator.cut",
  "facts_events"."ratio_rows_capped.numerator.least" as "ratio_rows_capped.numerator.least",
  "facts_events"."ratio_rows_capped.numerator.greatest" as "ratio_rows_capped.numerator.greatest",
  coalesce("facts_events"."ratio_rows_capped.denominator.cut", 0) as "ratio_rows_capped.denominator.cut",
  "facts_events"."ratio_rows_capped.denominator.least" as "ratio_rows_capped.denominator.least",
  "facts_events"."ratio_rows_capped.denominator.greatest" as "ratio_rows_capped.denominator.greatest",
  coalesce("facts_events"."rows_capped.value.cut", 0) as "rows_capped.value.cut",
  "facts_events"."rows_capped.value.least" as "rows_capped.value.least",
  "facts_events"."rows_capped.value.greatest" as "rows_capped.value.greatest",
  coalesce("facts_events"."rows_capped_both_ways.value.cut", 0) as "rows_capped_both_ways.value.cut",
  "facts_events"."rows_capped_both_ways.value.least" as "rows_capped_both_ways.value.least",
  "facts_events"."rows_capped_both_ways.value.greatest" as "rows_capped_both_ways.value.greatest"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "aov_rows_capped.numerator.uncapped" <> 0e0 then "aov_rows_capped.numerator.uncapped" end, 0.9e0) as "capped.value.upper",
  min("aov_rows_capped.numerator.uncapped") as "capped.value.minimum",
  max("aov_rows_capped.numerator.uncapped") as "capped.value.maximum"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  "u"."slice",
  count(*) as "exposed",
  count("u"."aov_rows_capped.numerator") as "aov_rows_capped.units",
  sum("u"."aov_rows_capped.numerator") as "aov_rows_capped.numerator.sum",
  sum("u"."aov_rows_capped.denominator") as "aov_rows_capped.denominator.sum",
  sum("u"."aov_rows_capped.numerator" * "u"."aov_rows_capped.numerator") as "aov_rows_capped.numerator.square",
  sum("u"."aov_rows_capped.denominator" * "u"."aov_rows_capped.numerator") as "aov_rows_capped.cross",
  sum("u"."aov_rows_capped.denominator" * "u"."aov_rows_capped.denominator") as "aov_rows_capped.denominator.square",
  sum("u"."aov_rows_capped.numerator.uncapped") as "aov_rows_capped.numerator.uncapped_sum",
  sum("u"."aov_rows_capped.denominator") as "aov_rows_capped.denominator.uncapped_sum",
  sum("u"."aov_rows_capped.numerator.uncapped" * "u"."aov_rows_capped.numerator.uncapped") as "aov_rows_capped.numerator.uncapped_square",
  sum("u"."aov_rows_capped.denominator" * "u"."aov_rows_capped.numerator.uncapped") as "aov_rows_capped.uncapped_cross",
  sum("u"."aov_rows_capped.denominator" * "u"."aov_rows_capped.denominator") as "aov_rows_capped.denominator.uncapped_square",
  count(case when "u"."aov_rows_capped.numerator" is not null and ("u"."aov_rows_capped.numerator.cut" > 0) then 1 end) as "aov_rows_capped.capped",
  min(case when "u"."aov_rows_capped.numerator" is not null then "u"."aov_rows_capped.numerator.least" end) as "aov_rows_capped.minimum",
  max(case when "u"."aov_rows_capped.numerator" is not null then "u"."aov_rows_capped.numerator.greatest" end) as "aov_rows_capped.maximum",
  count(case when "u"."aov_rows_capped.numerator" <> 0e0 then 1 end) as "aov_rows_capped.with_value",
  sum("u"."aov_rows_capped.numerator.invalid") as "aov_rows_capped.aov_rows_capped.numerator.invalid",
  count("u"."aov_rows_capped.numerator.uncapped") as "capped.units",
  sum("u"."aov_rows_capped.numerator.uncapped") as "capped.value.uncapped_sum",
  sum("u"."aov_rows_capped.numerator.uncapped" * "u"."aov_rows_capped.numerator.uncapped") as "capped.value.uncapped_square",
  count(case when "u"."aov_rows_capped.numerator.uncapped" <> 0e0 then 1 end) as "capped.with_value",
  sum("u"."aov_rows_capped.numerator.uncapped.invalid") as "capped.aov_rows_capped.numerator.uncapped.invalid",
  sum(case when "u"."aov_rows_capped.numerator.uncapped" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov_rows_capped.numerator.uncapped" end) as "capped.value.sum",
  sum(case when "u"."aov_rows_capped.numerator.uncapped" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov_rows_capped.numerator.uncapped" end * case when "u"."aov_rows_capped.numerator.uncapped" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."aov_rows_capped.numerator.uncapped" end) as "capped.value.square",
  sum(case when "u"."aov_rows_capped.numerator.uncapped" > "c"."capped.value.upper" then 1e0 else 0e0 end) as "capped.capped",
  max("c"."capped.value.upper") as "capped.upper",
  max("c"."capped.value.minimum") as "capped.minimum",
  max("c"."capped.value.maximum") as "capped.maximum",
  count("u"."ratio_rows_capped.numerator") as "ratio_rows_capped.units",
  sum("u"."ratio_rows_capped.numerator") as "ratio_rows_capped.numerator.sum",
  sum("u"."ratio_rows_capped.denominator") as "ratio_rows_capped.denominator.sum",
  sum("u"."ratio_rows_capped.numerator" * "u"."ratio_rows_capped.numerator") as "ratio_rows_capped.numerator.square",
  sum("u"."ratio_rows_capped.denominator" * "u"."ratio_rows_capped.numerator") as "ratio_rows_capped.cross",
  sum("u"."ratio_rows_capped.denominator" * "u"."ratio_rows_capped.denominator") as "ratio_rows_capped.denominator.square",
  sum("u"."aov_rows_capped.numerator.uncapped") as "ratio_rows_capped.numerator.uncapped_sum",
  sum("u"."ratio_rows_capped.denominator.uncapped") as "ratio_rows_capped.denominator.uncapped_sum",
  sum("u"."aov_rows_capped.numerator.uncapped" * "u"."aov_rows_capped.numerator.uncapped") as "ratio_rows_capped.numerator.uncapped_square",
  sum("u"."ratio_rows_capped.denominator.uncapped" * "u"."aov_rows_capped.numerator.uncapped") as "ratio_rows_capped.uncapped_cross",
  sum("u"."ratio_rows_capped.denominator.uncapped" * "u"."ratio_rows_capped.denominator.uncapped") as "ratio_rows_capped.denominator.uncapped_square",
  count(case when "u"."ratio_rows_capped.numerator" is not null and ("u"."ratio_rows_capped.numerator.cut" > 0 or "u"."ratio_rows_capped.denominator.cut" > 0) then 1 end) as "ratio_rows_capped.capped",
  min(case when "u"."ratio_rows_capped.numerator" is not null then "u"."ratio_rows_capped.numerator.least" end) as "ratio_rows_capped.minimum",
  max(case when "u"."ratio_rows_capped.numerator" is not null then "u"."ratio_rows_capped.numerator.greatest" end) as "ratio_rows_capped.maximum",
  count(case when "u"."ratio_rows_capped.numerator" <> 0e0 then 1 end) as "ratio_rows_capped.with_value",
  sum("u"."ratio_rows_capped.numerator.invalid") as "ratio_rows_capped.ratio_rows_capped.numerator.invalid",
  sum("u"."ratio_rows_capped.denominator.invalid") as "ratio_rows_capped.ratio_rows_capped.denominator.invalid",
  count("u"."rows_capped.value") as "rows_capped.units",
  sum("u"."rows_capped.value") as "rows_capped.value.sum",
  sum("u"."rows_capped.value" * "u"."rows_capped.value") as "rows_capped.value.square",
  sum("u"."aov_rows_capped.numerator.uncapped") as "rows_capped.value.uncapped_sum",
  sum("u"."aov_rows_capped.numerator.uncapped" * "u"."aov_rows_capped.numerator.uncapped") as "rows_capped.value.uncapped_square",
  count(case when "u"."rows_capped.value" is not null and ("u"."rows_capped.value.cut" > 0) then 1 end) as "rows_capped.capped",
  min(case when "u"."rows_capped.value" is not null then "u"."rows_capped.value.least" end) as "rows_capped.minimum",
  max(case when "u"."rows_capped.value" is not null then "u"."rows_capped.value.greatest" end) as "rows_capped.maximum",
  count(case when "u"."rows_capped.value" <> 0e0 then 1 end) as "rows_capped.with_value",
  sum("u"."rows_capped.value.invalid") as "rows_capped.rows_capped.value.invalid",
  count("u"."rows_capped_both_ways.value") as "rows_capped_both_ways.units",
  sum("u"."rows_capped_both_ways.value") as "rows_capped_both_ways.value.sum",
  sum("u"."rows_capped_both_ways.value" * "u"."rows_capped_both_ways.value") as "rows_capped_both_ways.value.square",
  sum("u"."rows_capped_both_ways.value.uncapped") as "rows_capped_both_ways.value.uncapped_sum",
  sum("u"."rows_capped_both_ways.value.uncapped" * "u"."rows_capped_both_ways.value.uncapped") as "rows_capped_both_ways.value.uncapped_square",
  count(case when "u"."rows_capped_both_ways.value" is not null and ("u"."rows_capped_both_ways.value.cut" > 0) then 1 end) as "rows_capped_both_ways.capped",
  min(case when "u"."rows_capped_both_ways.value" is not null then "u"."rows_capped_both_ways.value.least" end) as "rows_capped_both_ways.minimum",
  max(case when "u"."rows_capped_both_ways.value" is not null then "u"."rows_capped_both_ways.value.greatest" end) as "rows_capped_both_ways.maximum",
  count("u"."rows_capped_both_ways.value") as "rows_capped_both_ways.with_value",
  sum("u"."rows_capped_both_ways.value.invalid") as "rows_capped_both_ways.rows_capped_both_ways.value.invalid"
from units as u
cross join caps as c
group by "u"."arm", "u"."slice"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","ios",0,"web",1,2,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
