with
-- the variants as configured
"configured" as (
select * from (values
  (cast($1 as varchar), cast($2 as varchar), cast(0 as smallint)),
  (cast($3 as varchar), cast($4 as varchar), cast(1 as smallint))
) as c ("experiment", "variant", "arm")
),
-- every assignment row there was at asOf, and why it is dropped
"seen" as (
select
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  case
    when s."__unit" is null then 'NULL_UNIT'
    when s."__variant" is null then 'NULL_VARIANT'
    when c."arm" is null then 'UNKNOWN_VARIANT'
    when "s"."__at" is null or "s"."__at" < cast($5 as timestamp) or "s"."__at" >= cast($6 as timestamp) then 'OUTSIDE_PERIOD'
  end as "reason"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at"
  from "shop"."arrived_assignments" as s
  where "experiment_id" in ($7) and "loaded_at" < (cast($8 as timestamp) at time zone 'UTC')
) as s
left join configured as c on "c"."variant" = "s"."__variant"
where ("s"."__at" is null or "s"."__at" < cast($9 as timestamp))
),
-- each unit's assignments in order, those that are dropped apart by reason
"ranked" as (
select *, row_number() over (partition by "unit", "reason" order by "assigned_at", "arm") as "position",
  case when "reason" is not null then "arm" end as "dropped_arm"
from seen
),
-- one row a unit, its first variant and whether it is analysed; and one a unit and reason to drop rows
"fates" as (
select
  "unit",
  case when "reason" is null then max(case when "position" = 1 then "arm" end) else "dropped_arm" end as "arm",
  case when "reason" is null then min("assigned_at") end as "exposed_at",
  "reason" is not null as "dropped",
  coalesce("reason", case when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS' end) as "fate",
  count(*) as "rows"
from ranked
group by "unit", "reason", "dropped_arm"
),
-- units by fate, and rows
"counted" as (
select "fate" as "reason", "arm", sum("rows") as "rows", count("unit") as "units", max("exposed_at") as "last_exposure"
from fates
group by "fate", "arm"
)
select "c"."variant", r.*
from "counted" as r
left join configured as c on "c"."arm" = "r"."arm"
order by "r"."reason", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","checkout","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]

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
  from "shop"."arrived_assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC') and "loaded_at" < (cast($8 as timestamp) at time zone 'UTC')
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
-- the period of each unit's exposure
"dated" as (
select cast(date_trunc('day', ("exposed_at" at time zone 'UTC') at time zone 'Europe/Berlin') as date) as "period", "arm" from exposures
),
-- units of each period and arm
"counted" as (
select "period", "arm", count(*) as "units" from dated group by "period", "arm"
)
select "c"."variant", r.*
from "counted" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."period", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]

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
  from "shop"."arrived_assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC') and "loaded_at" < (cast($8 as timestamp) at time zone 'UTC')
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
-- what each unit did in arrived
"facts_arrived" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "arrived_revenue.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at" from "shop"."arrived" as s where "event_at" >= (cast($9 as timestamp) at time zone 'UTC') and "event_at" < (cast($10 as timestamp) at time zone 'UTC') and "loaded_at" < (cast($11 as timestamp) at time zone 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast($12 as timestamp) and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '259200' second
group by "x"."__exposed_unit"
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($13 as timestamp) at time zone 'UTC') and "event_at" < (cast($14 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '259200' second <= cast($15 as timestamp) then coalesce(cast("facts_arrived"."arrived_revenue.value" as double), 0e0) end as "arrived_revenue.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then coalesce(cast("facts_events"."revenue.value" as double), 0e0) end as "revenue.value"
from "exposures" as x
left join "facts_arrived" on "facts_arrived"."unit" = "x"."unit"
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."arrived_revenue.value") as "arrived_revenue.units",
  sum("u"."arrived_revenue.value") as "arrived_revenue.value.sum",
  sum("u"."arrived_revenue.value" * "u"."arrived_revenue.value") as "arrived_revenue.value.square",
  count("u"."revenue.value") as "revenue.units",
  sum("u"."revenue.value") as "revenue.value.sum",
  sum("u"."revenue.value" * "u"."revenue.value") as "revenue.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-19 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-20 00:00:00.000000","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]
