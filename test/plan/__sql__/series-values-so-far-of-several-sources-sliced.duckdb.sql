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
  cast("user_id" as varchar) as "__unit",
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
  max(case when "position" = 1 then "dim_country" end) as "dim_country"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- what each unit did in events, period by period, and the period that it entered in
"facts_events" as (
select
  "unit",
  "arm",
  "slice",
  "period",
  cast(sum("revenue_per_visit.numerator") as double) as "revenue_per_visit.numerator"
from (
  select
  "x"."__exposed_unit" as "unit",
  "x"."__arm" as "arm",
  "x"."__slice" as "slice",
  case when "f"."__unit" is null then cast(date_trunc('day', ("x"."__exposed_at" at time zone 'UTC') at time zone 'Europe/Berlin') as date) else cast(date_trunc('day', ("f"."__at" at time zone 'UTC') at time zone 'Europe/Berlin') as date) end as "period",
  case when (event_name = 'purchase') and "f"."__unit" is not null then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end as "revenue_per_visit.numerator"
  from (
  select s.*, cast("user_id" as varchar) as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f
  right join (
  select
  "x"."unit" as "__exposed_unit",
  "x"."arm" as "__arm",
  case when "x"."dim_country" = cast($10 as varchar) then $11 when "x"."dim_country" is null then $12 else cast($13 as bigint) end as "__slice",
  "x"."exposed_at" as "__exposed_at",
  case when "e"."entry" = 0 then "x"."unit" end as "__met"
  from exposures as x
  cross join (values (0), (1)) as e ("entry")
) as x on "f"."__unit" = "x"."__met" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
) as r
group by "unit", "arm", "slice", "period"
),
-- what each unit did in visits, period by period
"facts_visits" as (
select
  "unit",
  "arm",
  "slice",
  "period",
  cast(count("revenue_per_visit.denominator") as double) as "revenue_per_visit.denominator"
from (
  select
  "x"."__exposed_unit" as "unit",
  "x"."__arm" as "arm",
  "x"."__slice" as "slice",
  cast(date_trunc('day', ("f"."__at" at time zone 'UTC') at time zone 'Europe/Berlin') as date) as "period",
  1 as "revenue_per_visit.denominator"
  from (
  select s.*, nullif("user", '') as "__unit", ("visited_at" at time zone 'UTC') as "__at"
  from "shop"."visits" as s
  where "visited_at" >= (cast($14 as timestamp) at time zone 'UTC') and "visited_at" < (cast($15 as timestamp) at time zone 'UTC')
) as f
  join (
  select
  "x"."unit" as "__exposed_unit",
  "x"."arm" as "__arm",
  case when "x"."dim_country" = cast($16 as varchar) then $17 when "x"."dim_country" is null then $18 else cast($19 as bigint) end as "__slice",
  "x"."exposed_at" as "__exposed_at",
  "x"."unit" as "__met"
  from exposures as x
) as x on "f"."__unit" = "x"."__met" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
) as r
group by "unit", "arm", "slice", "period"
),
-- all sources together
"activity" as (
select
  "unit",
  "arm",
  "slice",
  "period",
  max("revenue_per_visit.numerator") as "revenue_per_visit.numerator",
  max("revenue_per_visit.denominator") as "revenue_per_visit.denominator"
from (
  select "unit", "arm", "slice", "period", "revenue_per_visit.numerator", cast(null as double) as "revenue_per_visit.denominator" from "facts_events"
  union all
  select "unit", "arm", "slice", "period", cast(null as double) as "revenue_per_visit.numerator", "revenue_per_visit.denominator" from "facts_visits"
) as a
group by "unit", "arm", "slice", "period"
),
-- each unit's sums up to the end of each of its periods
"running" as (
select
  "unit",
  "arm",
  "slice",
  "period",
  "revenue_per_visit.numerator",
  "revenue_per_visit.denominator",
  sum("revenue_per_visit.numerator") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "revenue_per_visit.numerator so far",
  sum("revenue_per_visit.denominator") over (partition by "unit" order by "period" rows between unbounded preceding and current row) as "revenue_per_visit.denominator so far"
from "activity"
),
-- each unit's value of each metric, so far and of the period alone
"valued" as (
select
  "unit",
  "arm",
  "slice",
  "period",
  coalesce("revenue_per_visit.numerator so far", 0e0) as "revenue_per_visit.numerator",
  case when "revenue_per_visit.numerator" is not null or nullif("revenue_per_visit.denominator", 0e0) is not null then coalesce("revenue_per_visit.numerator", 0e0) end as "revenue_per_visit.numerator alone",
  coalesce(nullif("revenue_per_visit.denominator so far", 0e0), 0e0) as "revenue_per_visit.denominator",
  case when "revenue_per_visit.numerator" is not null or nullif("revenue_per_visit.denominator", 0e0) is not null then coalesce(nullif("revenue_per_visit.denominator", 0e0), 0e0) end as "revenue_per_visit.denominator alone"
from running
),
-- and so far at the end of the period before
"stepped" as (
select *,
  lag("revenue_per_visit.numerator") over (partition by "unit" order by "period") as "revenue_per_visit.numerator before",
  lag("revenue_per_visit.denominator") over (partition by "unit" order by "period") as "revenue_per_visit.denominator before"
from valued
),
-- what each period adds to each arm
"series" as (
select
  "arm",
  "slice",
  "period",
  sum(case when "revenue_per_visit.numerator" is null then 0 else 1 end - case when "revenue_per_visit.numerator before" is null then 0 else 1 end) as "revenue_per_visit.added.units",
  count("revenue_per_visit.numerator alone") as "revenue_per_visit.alone.units",
  sum(coalesce("revenue_per_visit.numerator", 0e0) - coalesce("revenue_per_visit.numerator before", 0e0)) as "revenue_per_visit.added.sum0",
  sum("revenue_per_visit.numerator alone") as "revenue_per_visit.alone.sum0",
  sum(coalesce("revenue_per_visit.denominator", 0e0) - coalesce("revenue_per_visit.denominator before", 0e0)) as "revenue_per_visit.added.sum1",
  sum("revenue_per_visit.denominator alone") as "revenue_per_visit.alone.sum1",
  sum(coalesce("revenue_per_visit.numerator" * "revenue_per_visit.numerator", 0e0) - coalesce("revenue_per_visit.numerator before" * "revenue_per_visit.numerator before", 0e0)) as "revenue_per_visit.added.product00",
  sum("revenue_per_visit.numerator alone" * "revenue_per_visit.numerator alone") as "revenue_per_visit.alone.product00",
  sum(coalesce("revenue_per_visit.denominator" * "revenue_per_visit.numerator", 0e0) - coalesce("revenue_per_visit.denominator before" * "revenue_per_visit.numerator before", 0e0)) as "revenue_per_visit.added.product10",
  sum("revenue_per_visit.denominator alone" * "revenue_per_visit.numerator alone") as "revenue_per_visit.alone.product10",
  sum(coalesce("revenue_per_visit.denominator" * "revenue_per_visit.denominator", 0e0) - coalesce("revenue_per_visit.denominator before" * "revenue_per_visit.denominator before", 0e0)) as "revenue_per_visit.added.product11",
  sum("revenue_per_visit.denominator alone" * "revenue_per_visit.denominator alone") as "revenue_per_visit.alone.product11"
from stepped
group by "arm", "slice", "period"
)
select "c"."variant", r.*
from "series" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","DE",0,1,2,"2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","DE",0,1,2]
