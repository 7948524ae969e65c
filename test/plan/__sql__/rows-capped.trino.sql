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
"exposures" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__dim_platform") as "dim_platform",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 70e0 then 70e0 else case when is_finite(cast((amount) as double)) then cast((amount) as double) end end end) as "aov_rows_capped.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_rows_capped.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 70e0) then 1 end) as "aov_rows_capped.numerator.cut",
  min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_rows_capped.numerator.least",
  max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_rows_capped.numerator.greatest",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_rows_capped.denominator",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_rows_capped.numerator.uncapped",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_rows_capped.numerator.uncapped.invalid",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 40e0 then 40e0 when case when is_finite(cast((amount) as double)) then cast((amount) as double) end < 5e0 then 5e0 else case when is_finite(cast((amount) as double)) then cast((amount) as double) end end end) as "ratio_rows_capped.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "ratio_rows_capped.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 40e0 or case when is_finite(cast((amount) as double)) then cast((amount) as double) end < 5e0) then 1 end) as "ratio_rows_capped.numerator.cut",
  min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.numerator.least",
  max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.numerator.greatest",
  sum(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 40e0 then 40e0 when case when is_finite(cast((amount) as double)) then cast((amount) as double) end < 5e0 then 5e0 else case when is_finite(cast((amount) as double)) then cast((amount) as double) end end end) as "ratio_rows_capped.denominator",
  count(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "ratio_rows_capped.denominator.invalid",
  count(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 40e0 or case when is_finite(cast((amount) as double)) then cast((amount) as double) end < 5e0) then 1 end) as "ratio_rows_capped.denominator.cut",
  min(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.least",
  max(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.greatest",
  sum(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "ratio_rows_capped.denominator.uncapped",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 50e0 then 50e0 else case when is_finite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 50e0) then 1 end) as "rows_capped.value.cut",
  min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.least",
  max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.greatest",
  avg(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then case when case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 60e0 then 60e0 when case when is_finite(cast((amount) as double)) then cast((amount) as double) end < -10e0 then -10e0 else case when is_finite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped_both_ways.value",
  count(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped_both_ways.value.invalid",
  count(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) and (case when is_finite(cast((amount) as double)) then cast((amount) as double) end > 60e0 or case when is_finite(cast((amount) as double)) then cast((amount) as double) end < -10e0) then 1 end) as "rows_capped_both_ways.value.cut",
  min(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.least",
  max(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.greatest",
  avg(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_both_ways.value.uncapped"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_platform" as "__dim_platform" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."dim_platform" = cast(? as varchar) then ? when "x"."dim_platform" = cast(? as varchar) then ? else cast(? as bigint) end as "slice",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_rows_capped.numerator" as double), 0e0) end as "aov_rows_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_rows_capped.denominator" as double), 0e0) end as "aov_rows_capped.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_rows_capped.numerator.uncapped" as double), 0e0) end as "aov_rows_capped.numerator.uncapped",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."ratio_rows_capped.numerator" as double), 0e0) end as "ratio_rows_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."ratio_rows_capped.denominator" as double), 0e0) end as "ratio_rows_capped.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."ratio_rows_capped.denominator.uncapped" as double), 0e0) end as "ratio_rows_capped.denominator.uncapped",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."rows_capped.value" as double), 0e0) end as "rows_capped.value",
  cast("x"."rows_capped_both_ways.value" as double) as "rows_capped_both_ways.value",
  case when "x"."rows_capped_both_ways.value" is not null then cast("x"."rows_capped_both_ways.value.uncapped" as double) end as "rows_capped_both_ways.value.uncapped",
  coalesce("x"."aov_rows_capped.numerator.invalid", 0) as "aov_rows_capped.numerator.invalid",
  coalesce("x"."aov_rows_capped.numerator.uncapped.invalid", 0) as "aov_rows_capped.numerator.uncapped.invalid",
  coalesce("x"."ratio_rows_capped.numerator.invalid", 0) as "ratio_rows_capped.numerator.invalid",
  coalesce("x"."ratio_rows_capped.denominator.invalid", 0) as "ratio_rows_capped.denominator.invalid",
  coalesce("x"."rows_capped.value.invalid", 0) as "rows_capped.value.invalid",
  coalesce("x"."rows_capped_both_ways.value.invalid", 0) as "rows_capped_both_ways.value.invalid",
  coalesce("x"."aov_rows_capped.numerator.cut", 0) as "aov_rows_capped.numerator.cut",
  "x"."aov_rows_capped.numerator.least" as "aov_rows_capped.numerator.least",
  "x"."aov_rows_capped.numerator.greatest" as "aov_rows_capped.numerator.greatest",
  coalesce("x"."ratio_rows_capped.numerator.cut", 0) as "ratio_rows_capped.numerator.cut",
  "x"."ratio_rows_capped.numerator.least" as "ratio_rows_capped.numerator.least",
  "x"."ratio_rows_capped.numerator.greatest" as "ratio_rows_capped.numerator.greatest",
  coalesce("x"."ratio_rows_capped.denominator.cut", 0) as "ratio_rows_capped.denominator.cut",
  "x"."ratio_rows_capped.denominator.least" as "ratio_rows_capped.denominator.least",
  "x"."ratio_rows_capped.denominator.greatest" as "ratio_rows_capped.denominator.greatest",
  coalesce("x"."rows_capped.value.cut", 0) as "rows_capped.value.cut",
  "x"."rows_capped.value.least" as "rows_capped.value.least",
  "x"."rows_capped.value.greatest" as "rows_capped.value.greatest",
  coalesce("x"."rows_capped_both_ways.value.cut", 0) as "rows_capped_both_ways.value.cut",
  "x"."rows_capped_both_ways.value.least" as "rows_capped_both_ways.value.least",
  "x"."rows_capped_both_ways.value.greatest" as "rows_capped_both_ways.value.greatest"
from "facts_events" as x
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
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
  sum("u"."rows_capped_both_ways.value.invalid") as "rows_capped_both_ways.rows_capped_both_ways.value.invalid",
  coalesce(array_agg("u"."aov_rows_capped.numerator.uncapped") filter (where "u"."aov_rows_capped.numerator.uncapped" <> 0e0), array[]) as "aov_rows_capped.numerator.uncapped values",
  count("u"."aov_rows_capped.numerator.uncapped") as "aov_rows_capped.numerator.uncapped values.counted",
  min("u"."aov_rows_capped.numerator.uncapped") as "capped.value.minimum of the arm",
  max("u"."aov_rows_capped.numerator.uncapped") as "capped.value.maximum of the arm"
from units as u
group by "u"."arm", "u"."slice"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("aov_rows_capped.numerator.uncapped values") over ()) as "aov_rows_capped.numerator.uncapped values.pool",
  min("capped.value.minimum of the arm") over () as "capped.value.minimum",
  max("capped.value.maximum of the arm") over () as "capped.value.maximum"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter("aov_rows_capped.numerator.uncapped values.pool", r -> r <> 0e0)) as "aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") > 0 then element_at("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted", cast(floor(0.9e0 * (cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") - 1)) as integer) + 1) + (element_at("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted", cast(ceiling(0.9e0 * (cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") - 1)) as integer) + 1) - element_at("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted", cast(floor(0.9e0 * (cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") - 1)) as integer) + 1)) * (0.9e0 * (cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") - 1) - floor(0.9e0 * (cardinality("aov_rows_capped.numerator.uncapped of aov_rows_capped.numerator.uncapped values.sorted") - 1))) end as "capped.value.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "slice" as "slice",
  "exposed" as "exposed",
  "aov_rows_capped.units" as "aov_rows_capped.units",
  "aov_rows_capped.numerator.sum" as "aov_rows_capped.numerator.sum",
  "aov_rows_capped.denominator.sum" as "aov_rows_capped.denominator.sum",
  "aov_rows_capped.numerator.square" as "aov_rows_capped.numerator.square",
  "aov_rows_capped.cross" as "aov_rows_capped.cross",
  "aov_rows_capped.denominator.square" as "aov_rows_capped.denominator.square",
  "aov_rows_capped.numerator.uncapped_sum" as "aov_rows_capped.numerator.uncapped_sum",
  "aov_rows_capped.denominator.uncapped_sum" as "aov_rows_capped.denominator.uncapped_sum",
  "aov_rows_capped.numerator.uncapped_square" as "aov_rows_capped.numerator.uncapped_square",
  "aov_rows_capped.uncapped_cross" as "aov_rows_capped.uncapped_cross",
  "aov_rows_capped.denominator.uncapped_square" as "aov_rows_capped.denominator.uncapped_square",
  "aov_rows_capped.capped" as "aov_rows_capped.capped",
  "aov_rows_capped.minimum" as "aov_rows_capped.minimum",
  "aov_rows_capped.maximum" as "aov_rows_capped.maximum",
  "aov_rows_capped.with_value" as "aov_rows_capped.with_value",
  "aov_rows_capped.aov_rows_capped.numerator.invalid" as "aov_rows_capped.aov_rows_capped.numerator.invalid",
  "capped.units" as "capped.units",
  "capped.value.uncapped_sum" as "capped.value.uncapped_sum",
  "capped.value.uncapped_square" as "capped.value.uncapped_square",
  "capped.with_value" as "capped.with_value",
  "capped.aov_rows_capped.numerator.uncapped.invalid" as "capped.aov_rows_capped.numerator.uncapped.invalid",
  "ratio_rows_capped.units" as "ratio_rows_capped.units",
  "ratio_rows_capped.numerator.sum" as "ratio_rows_capped.numerator.sum",
  "ratio_rows_capped.denominator.sum" as "ratio_rows_capped.denominator.sum",
  "ratio_rows_capped.numerator.square" as "ratio_rows_capped.numerator.square",
  "ratio_rows_capped.cross" as "ratio_rows_capped.cross",
  "ratio_rows_capped.denominator.square" as "ratio_rows_capped.denominator.square",
  "ratio_rows_capped.numerator.uncapped_sum" as "ratio_rows_capped.numerator.uncapped_sum",
  "ratio_rows_capped.denominator.uncapped_sum" as "ratio_rows_capped.denominator.uncapped_sum",
  "ratio_rows_capped.numerator.uncapped_square" as "ratio_rows_capped.numerator.uncapped_square",
  "ratio_rows_capped.uncapped_cross" as "ratio_rows_capped.uncapped_cross",
  "ratio_rows_capped.denominator.uncapped_square" as "ratio_rows_capped.denominator.uncapped_square",
  "ratio_rows_capped.capped" as "ratio_rows_capped.capped",
  "ratio_rows_capped.minimum" as "ratio_rows_capped.minimum",
  "ratio_rows_capped.maximum" as "ratio_rows_capped.maximum",
  "ratio_rows_capped.with_value" as "ratio_rows_capped.with_value",
  "ratio_rows_capped.ratio_rows_capped.numerator.invalid" as "ratio_rows_capped.ratio_rows_capped.numerator.invalid",
  "ratio_rows_capped.ratio_rows_capped.denominator.invalid" as "ratio_rows_capped.ratio_rows_capped.denominator.invalid",
  "rows_capped.units" as "rows_capped.units",
  "rows_capped.value.sum" as "rows_capped.value.sum",
  "rows_capped.value.square" as "rows_capped.value.square",
  "rows_capped.value.uncapped_sum" as "rows_capped.value.uncapped_sum",
  "rows_capped.value.uncapped_square" as "rows_capped.value.uncapped_square",
  "rows_capped.capped" as "rows_capped.capped",
  "rows_capped.minimum" as "rows_capped.minimum",
  "rows_capped.maximum" as "rows_capped.maximum",
  "rows_capped.with_value" as "rows_capped.with_value",
  "rows_capped.rows_capped.value.invalid" as "rows_capped.rows_capped.value.invalid",
  "rows_capped_both_ways.units" as "rows_capped_both_ways.units",
  "rows_capped_both_ways.value.sum" as "rows_capped_both_ways.value.sum",
  "rows_capped_both_ways.value.square" as "rows_capped_both_ways.value.square",
  "rows_capped_both_ways.value.uncapped_sum" as "rows_capped_both_ways.value.uncapped_sum",
  "rows_capped_both_ways.value.uncapped_square" as "rows_capped_both_ways.value.uncapped_square",
  "rows_capped_both_ways.capped" as "rows_capped_both_ways.capped",
  "rows_capped_both_ways.minimum" as "rows_capped_both_ways.minimum",
  "rows_capped_both_ways.maximum" as "rows_capped_both_ways.maximum",
  "rows_capped_both_ways.with_value" as "rows_capped_both_ways.with_value",
  "rows_capped_both_ways.rows_capped_both_ways.value.invalid" as "rows_capped_both_ways.rows_capped_both_ways.value.invalid",
  reduce("aov_rows_capped.numerator.uncapped values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("aov_rows_capped.numerator.uncapped values.counted" - cardinality("aov_rows_capped.numerator.uncapped values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.sum",
  reduce("aov_rows_capped.numerator.uncapped values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then "capped.value.upper" else r end * case when r > "capped.value.upper" then "capped.value.upper" else r end, s -> s) + ("aov_rows_capped.numerator.uncapped values.counted" - cardinality("aov_rows_capped.numerator.uncapped values")) * (case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end * case when 0e0 > "capped.value.upper" then "capped.value.upper" else 0e0 end) as "capped.value.square",
  reduce("aov_rows_capped.numerator.uncapped values", 0e0, (s, r) -> s + case when r > "capped.value.upper" then 1e0 else 0e0 end, s -> s) + ("aov_rows_capped.numerator.uncapped values.counted" - cardinality("aov_rows_capped.numerator.uncapped values")) * (case when 0e0 > "capped.value.upper" then 1e0 else 0e0 end) as "capped.capped",
  "capped.value.upper" as "capped.upper",
  "capped.value.minimum" as "capped.minimum",
  "capped.value.maximum" as "capped.maximum"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","ios",0,"web",1,2,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
