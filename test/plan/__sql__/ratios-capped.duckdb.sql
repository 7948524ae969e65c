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
  case when abs(sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_capped.numerator",
  count(case when (event_name = 'purchase') and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_capped.numerator.invalid",
  count(case when (event_name = 'purchase') then 1 end) as "aov_capped.denominator"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then coalesce(cast("facts_events"."aov_capped.numerator" as double), 0e0) end as "aov_capped.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) then coalesce(cast("facts_events"."aov_capped.denominator" as double), 0e0) end as "aov_capped.denominator",
  coalesce("facts_events"."aov_capped.numerator.invalid", 0) as "aov_capped.numerator.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "aov_capped.numerator" <> 0e0 then "aov_capped.numerator" end, 0.9e0) as "aov_capped.numerator.upper",
  min("aov_capped.numerator") as "aov_capped.numerator.minimum",
  max("aov_capped.numerator") as "aov_capped.numerator.maximum",
  quantile_cont(case when "aov_capped.numerator" <> 0e0 then "aov_capped.numerator" end, 0.8e0) as "aov_capped_twice.numerator.upper",
  min("aov_capped.numerator") as "aov_capped_twice.numerator.minimum",
  max("aov_capped.numerator") as "aov_capped_twice.numerator.maximum",
  quantile_cont(case when "aov_capped.denominator" <> 0e0 then "aov_capped.denominator" end, 0.8e0) as "aov_capped_twice.denominator.upper"
from units
),
-- sums over the units of each arm
"moments" as (
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
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped.numerator.sum",
  sum("u"."aov_capped.denominator") as "aov_capped.denominator.sum",
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov_capped.numerator" end * case when "u"."aov_capped.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped.numerator.square",
  sum("u"."aov_capped.denominator" * case when "u"."aov_capped.numerator" > "c"."aov_capped.numerator.upper" then "c"."aov_capped.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped.cross",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.denominator") as "aov_capped.denominator.square",
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped.numerator.upper" then 1e0 else 0e0 end) as "aov_capped.capped",
  max("c"."aov_capped.numerator.upper") as "aov_capped.upper",
  max("c"."aov_capped.numerator.minimum") as "aov_capped.minimum",
  max("c"."aov_capped.numerator.maximum") as "aov_capped.maximum",
  count("u"."aov_capped.numerator") as "aov_capped_twice.units",
  sum("u"."aov_capped.numerator") as "aov_capped_twice.numerator.uncapped_sum",
  sum("u"."aov_capped.denominator") as "aov_capped_twice.denominator.uncapped_sum",
  sum("u"."aov_capped.numerator" * "u"."aov_capped.numerator") as "aov_capped_twice.numerator.uncapped_square",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.numerator") as "aov_capped_twice.uncapped_cross",
  sum("u"."aov_capped.denominator" * "u"."aov_capped.denominator") as "aov_capped_twice.denominator.uncapped_square",
  count(case when "u"."aov_capped.numerator" <> 0e0 then 1 end) as "aov_capped_twice.with_value",
  sum("u"."aov_capped.numerator.invalid") as "aov_capped_twice.aov_capped.numerator.invalid",
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped_twice.numerator.upper" then "c"."aov_capped_twice.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped_twice.numerator.sum",
  sum(case when "u"."aov_capped.denominator" > "c"."aov_capped_twice.denominator.upper" then "c"."aov_capped_twice.denominator.upper" else "u"."aov_capped.denominator" end) as "aov_capped_twice.denominator.sum",
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped_twice.numerator.upper" then "c"."aov_capped_twice.numerator.upper" else "u"."aov_capped.numerator" end * case when "u"."aov_capped.numerator" > "c"."aov_capped_twice.numerator.upper" then "c"."aov_capped_twice.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped_twice.numerator.square",
  sum(case when "u"."aov_capped.denominator" > "c"."aov_capped_twice.denominator.upper" then "c"."aov_capped_twice.denominator.upper" else "u"."aov_capped.denominator" end * case when "u"."aov_capped.numerator" > "c"."aov_capped_twice.numerator.upper" then "c"."aov_capped_twice.numerator.upper" else "u"."aov_capped.numerator" end) as "aov_capped_twice.cross",
  sum(case when "u"."aov_capped.denominator" > "c"."aov_capped_twice.denominator.upper" then "c"."aov_capped_twice.denominator.upper" else "u"."aov_capped.denominator" end * case when "u"."aov_capped.denominator" > "c"."aov_capped_twice.denominator.upper" then "c"."aov_capped_twice.denominator.upper" else "u"."aov_capped.denominator" end) as "aov_capped_twice.denominator.square",
  sum(case when "u"."aov_capped.numerator" > "c"."aov_capped_twice.numerator.upper" or "u"."aov_capped.denominator" > "c"."aov_capped_twice.denominator.upper" then 1e0 else 0e0 end) as "aov_capped_twice.capped",
  max("c"."aov_capped_twice.numerator.upper") as "aov_capped_twice.upper",
  max("c"."aov_capped_twice.numerator.minimum") as "aov_capped_twice.minimum",
  max("c"."aov_capped_twice.numerator.maximum") as "aov_capped_twice.maximum"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
