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
-- what each unit did in events, period by period, and the period that it entered in
"facts_events" as (
select
  "unit",
  "arm",
  "period",
  cast(sum("aov.numerator") as double) as "aov.numerator",
  cast(count("aov.denominator") as double) as "aov.denominator"
from (
  select
  "x"."__exposed_unit" as "unit",
  "x"."__arm" as "arm",
  case when "f"."__unit" is null then cast(0 as bigint) else cast(floor((epoch_us("f"."__at") - epoch_us("x"."__exposed_at")) / 86400000000e0) as bigint) end as "period",
  case when (event_name = 'purchase') and "f"."__unit" is not null then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end as "aov.numerator",
  case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end as "aov.denominator"
  from (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f
  right join (
  select
  "x"."unit" as "__exposed_unit",
  "x"."arm" as "__arm",
  "x"."exposed_at" as "__exposed_at",
  case when "e"."entry" = 0 then "x"."unit" end as "__met"
  from exposures as x
  cross join (values (0), (1)) as e ("entry")
  where "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp)
) as x on "f"."__unit" = "x"."__met" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and "f"."__at" < "x"."__exposed_at" + interval '604800' second
) as r
group by "unit", "arm", "period"
),
-- each unit's sums up to the end of each of its periods
"running" as (
select
  "unit",
  "arm",
  "period",
  "aov.numerator",
  "aov.denominator",
  sum("aov.numerator") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "aov.numerator so far",
  sum("aov.denominator") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "aov.denominator so far"
from "facts_events"
),
-- each unit's value of each metric, so far and of the period alone
"valued" as (
select
  "unit",
  "arm",
  "period",
  coalesce("aov.numerator so far", 0e0) as "aov.numerator",
  case when "aov.numerator" is not null or nullif("aov.denominator", 0e0) is not null then coalesce("aov.numerator", 0e0) end as "aov.numerator alone",
  coalesce(nullif("aov.denominator so far", 0e0), 0e0) as "aov.denominator",
  case when "aov.numerator" is not null or nullif("aov.denominator", 0e0) is not null then coalesce(nullif("aov.denominator", 0e0), 0e0) end as "aov.denominator alone",
  coalesce("aov.numerator so far", 0e0) as "revenue.value",
  case when "aov.numerator" is not null then coalesce("aov.numerator", 0e0) end as "revenue.value alone"
from running
),
-- and so far at the end of the period before
"stepped" as (
select *,
  lag("aov.numerator") over (partition by "unit" order by "period") as "aov.numerator before",
  lag("aov.denominator") over (partition by "unit" order by "period") as "aov.denominator before",
  lag("revenue.value") over (partition by "unit" order by "period") as "revenue.value before"
from valued
),
-- what each period adds to each arm
"series" as (
select
  "arm",
  "period",
  sum(case when "aov.numerator" is null then 0 else 1 end - case when "aov.numerator before" is null then 0 else 1 end) as "aov.added.units",
  count("aov.numerator alone") as "aov.alone.units",
  sum(coalesce("aov.numerator", 0e0) - coalesce("aov.numerator before", 0e0)) as "aov.added.sum0",
  sum("aov.numerator alone") as "aov.alone.sum0",
  sum(coalesce("aov.denominator", 0e0) - coalesce("aov.denominator before", 0e0)) as "aov.added.sum1",
  sum("aov.denominator alone") as "aov.alone.sum1",
  sum(coalesce("aov.numerator" * "aov.numerator", 0e0) - coalesce("aov.numerator before" * "aov.numerator before", 0e0)) as "aov.added.product00",
  sum("aov.numerator alone" * "aov.numerator alone") as "aov.alone.product00",
  sum(coalesce("aov.denominator" * "aov.numerator", 0e0) - coalesce("aov.denominator before" * "aov.numerator before", 0e0)) as "aov.added.product10",
  sum("aov.denominator alone" * "aov.numerator alone") as "aov.alone.product10",
  sum(coalesce("aov.denominator" * "aov.denominator", 0e0) - coalesce("aov.denominator before" * "aov.denominator before", 0e0)) as "aov.added.product11",
  sum("aov.denominator alone" * "aov.denominator alone") as "aov.alone.product11",
  sum(case when "revenue.value" is null then 0 else 1 end - case when "revenue.value before" is null then 0 else 1 end) as "revenue.added.units",
  count("revenue.value alone") as "revenue.alone.units",
  sum(coalesce("revenue.value", 0e0) - coalesce("revenue.value before", 0e0)) as "revenue.added.sum0",
  sum("revenue.value alone") as "revenue.alone.sum0",
  sum(coalesce("revenue.value" * "revenue.value", 0e0) - coalesce("revenue.value before" * "revenue.value before", 0e0)) as "revenue.added.product00",
  sum("revenue.value alone" * "revenue.value alone") as "revenue.alone.product00"
from stepped
group by "arm", "period"
)
select "c"."variant", r.*
from "series" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]
