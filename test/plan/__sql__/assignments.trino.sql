with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint)),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint))
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
    when "s"."__at" is null or "s"."__at" < cast(? as timestamp(6)) or "s"."__at" >= cast(? as timestamp(6)) then 'OUTSIDE_PERIOD'
  end as "reason"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in (?)
) as s
left join configured as c on "c"."variant" = "s"."__variant"
where ("s"."__at" is null or "s"."__at" < cast(? as timestamp(6)))
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
-- parameters: ["checkout","control","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","2026-12-01 00:00:00.000000"]
