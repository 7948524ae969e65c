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
  case
    when s."__unit" is null then 'NULL_UNIT'
    when s."__variant" is null then 'NULL_VARIANT'
    when c."arm" is null then 'UNKNOWN_VARIANT'
  end as "reason"
from (
  select
  "user_id" as "__unit",
  nullif("variant", '') as "__variant"
  from "shop"."untimed" as s
) as s
left join configured as c on "c"."variant" = "s"."__variant"
),
-- each unit's assignments in order, those that are dropped apart by reason
"ranked" as (
select *, row_number() over (partition by "unit", "reason" order by "arm") as "position",
  case when "reason" is not null then "arm" end as "dropped_arm"
from seen
),
-- one row a unit, its first variant and whether it is analysed; and one a unit and reason to drop rows
"fates" as (
select
  "unit",
  case when "reason" is null then max(case when "position" = 1 then "arm" end) else "dropped_arm" end as "arm",
  "reason" is not null as "dropped",
  coalesce("reason", case when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS' end) as "fate",
  count(*) as "rows"
from ranked
group by "unit", "reason", "dropped_arm"
),
-- units by fate, and rows
"counted" as (
select "fate" as "reason", "arm", sum("rows") as "rows", count("unit") as "units", cast(null as varchar) as "last_exposure"
from fates
group by "fate", "arm"
)
select "c"."variant", r.*
from "counted" as r
left join configured as c on "c"."arm" = "r"."arm"
order by "r"."reason", "r"."arm"
-- parameters: ["untimed","control","untimed","treatment"]
