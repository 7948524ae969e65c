with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(2 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)))
) as c ("experiment", "variant", "arm", "enrol_from", "enrol_until", "observed_until", "measured_until")
),
-- every assignment row there was at asOf, and why it is dropped
"seen" as (
select
  "s"."__experiment" as "experiment",
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  "s"."dim_country",
  "s"."dim_platform",
  "s"."dim_age",
  "s"."dim_rating",
  "s"."dim_member",
  "s"."dim_birthday",
  "s"."dim_joined",
  case
    when s."__unit" is null then 'NULL_UNIT'
    when s."__variant" is null then 'NULL_VARIANT'
    when c."arm" is null then 'UNKNOWN_VARIANT'
    when "s"."__at" is null or "s"."__at" < "c"."enrol_from" or "s"."__at" >= "c"."enrol_until" then 'OUTSIDE_PERIOD'
  end as "reason"
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
  where "experiment_id" in (?, ?, ?)
) as s
left join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where ("s"."__at" is null or "s"."__at" < cast(? as timestamp(6)))
),
-- each unit's countable assignments in order
"ranked" as (
select *, row_number() over (partition by "experiment", "unit" order by "assigned_at", "arm", "dim_country", "dim_platform", "dim_age", "dim_rating", "dim_member", "dim_birthday", "dim_joined") as "position"
from seen
where "reason" is null
),
-- one row a unit: its first variant and whether it is analysed
"fates" as (
select
  "experiment",
  "unit",
  max(case when "position" = 1 then "arm" end) as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_country" end) as "dim_country",
  case when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS' end as "reason",
  count(*) as "rows"
from ranked
group by "experiment", "unit"
),
-- units by fate, and dropped rows by reason
"counted" as (
select "experiment", "reason", "arm", sum("rows") as "rows", count(*) as "units", max("exposed_at") as "last_exposure"
from fates
where (not coalesce("dim_country" = cast(? as varchar), false))
group by "experiment", "reason", "arm"
union all
select "experiment", "reason", "arm", count(*) as "rows", count(distinct "unit") as "units", cast(null as timestamp) as "last_exposure"
from seen
where "reason" is not null and (not coalesce("dim_country" = cast(? as varchar), false))
group by "experiment", "reason", "arm"
)
select "c"."variant", r.*
from "counted" as r
left join configured as c on "c"."arm" = "r"."arm" and "c"."experiment" = "r"."experiment"
order by "r"."experiment", "r"."reason", "r"."arm"
-- parameters: ["checkout","control","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","pricing","a","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","b","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","c","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","rollout","control","2026-09-01 00:00:00.000000","2026-09-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-09-08 00:00:00.000000","rollout","treatment","2026-09-01 00:00:00.000000","2026-09-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-09-08 00:00:00.000000","checkout","pricing","rollout","2026-12-01 00:00:00.000000","DE","DE"]
