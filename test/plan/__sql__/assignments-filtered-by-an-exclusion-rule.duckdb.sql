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
  "s"."dim_country",
  "s"."dim_platform",
  "s"."dim_age",
  "s"."dim_rating",
  "s"."dim_member",
  "s"."dim_birthday",
  "s"."dim_joined",
  "s"."__excluded" as "excluded",
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
  ("assigned_at" at time zone 'UTC') as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined",
  coalesce((is_bot), false) as "__excluded"
  from "shop"."assignments" as s
  where "experiment_id" in ($7)
) as s
left join configured as c on "c"."variant" = "s"."__variant"
where ("s"."__at" is null or "s"."__at" < cast($8 as timestamp))
),
-- each unit's assignments in order, those that are dropped apart by reason
"ranked" as (
select *, row_number() over (partition by "unit", "reason" order by "assigned_at", "arm", "dim_country", "dim_platform", "dim_age", "dim_rating", "dim_member", "dim_birthday", "dim_joined") as "position",
  case when "reason" is not null then "arm" end as "dropped_arm"
from seen
where "reason" is null or (not coalesce("dim_country" in (cast($9 as varchar), cast($10 as varchar)), false))
),
-- one row a unit, its first variant and whether it is analysed; and one a unit and reason to drop rows
"fates" as (
select
  "unit",
  case when "reason" is null then max(case when "position" = 1 then "arm" end) else "dropped_arm" end as "arm",
  case when "reason" is null then min("assigned_at") end as "exposed_at",
  max(case when "position" = 1 then "dim_country" end) as "dim_country",
  "reason" is not null as "dropped",
  coalesce("reason", case when max(case when "excluded" then 1 else 0 end) = 1 then 'EXCLUDED_BY_RULE' when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS' end) as "fate",
  count(*) as "rows"
from ranked
group by "unit", "reason", "dropped_arm"
),
-- units by fate, and rows
"counted" as (
select "fate" as "reason", "arm", sum("rows") as "rows", count("unit") as "units", max("exposed_at") as "last_exposure"
from fates
where "dropped" or (not coalesce("dim_country" in (cast($11 as varchar), cast($12 as varchar)), false))
group by "fate", "arm"
)
select "c"."variant", r.*
from "counted" as r
left join configured as c on "c"."arm" = "r"."arm"
order by "r"."reason", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","2026-12-01 00:00:00.000000","DE","FR","DE","FR"]
