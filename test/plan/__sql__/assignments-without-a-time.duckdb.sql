with
-- the variants as configured
"configured" as (
select * from (values
  (cast($1 as varchar), cast($2 as varchar), cast(0 as smallint)),
  (cast($3 as varchar), cast($4 as varchar), cast(1 as smallint))
) as c ("experiment", "variant", "arm")
),
-- every assignment row there was at asOf, and why it is dropped
"seen" as materialized (
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
-- each unit's countable assignments in order
"ranked" as (
select *, row_number() over (partition by "unit" order by "arm") as "position"
from seen
where "reason" is null
),
-- one row a unit: its first variant and whether it is analysed
"fates" as (
select
  "unit",
  max(case when "position" = 1 then "arm" end) as "arm",
  case when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS' end as "reason",
  count(*) as "rows"
from ranked
group by "unit"
),
-- units by fate, and dropped rows by reason
"counted" as (
select "reason", "arm", sum("rows") as "rows", count(*) as "units", cast(null as varchar) as "last_exposure"
from fates
group by "reason", "arm"
union all
select "reason", "arm", count(*) as "rows", count(distinct "unit") as "units", cast(null as varchar) as "last_exposure"
from seen
where "reason" is not null
group by "reason", "arm"
)
select "c"."variant", r.*
from "counted" as r
left join configured as c on "c"."arm" = "r"."arm"
order by "r"."reason", "r"."arm"
-- parameters: ["untimed","control","untimed","treatment"]
