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
  "user_id" as "__unit",
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
"exposures_of_all" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform",
  max(case when "position" = 1 then "dim_age" end) as "dim_age",
  max(case when "position" = 1 then "dim_member" end) as "dim_member"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- the units asked for
"exposures" as materialized (
select * from exposures_of_all where coalesce("dim_age" > cast($8 as bigint), false)
),
-- units of each combination and arm
"counted" as (
select
  "dim_platform",
  "dim_member",
  "arm",
  count(*) as "units"
from exposures
group by "dim_platform", "dim_member", "arm"
),
-- how large each combination is
"totals" as (
select *, sum("units") over (partition by "dim_platform", "dim_member") as "total" from counted
),
-- the largest first
"placed" as (
select *, dense_rank() over (order by "total" desc, "dim_platform", "dim_member") as "place" from totals
),
-- what is beyond the largest is one rest
"shown" as (
select
  case when "place" <= cast($9 as bigint) then "dim_platform" end as "dim_platform",
  case when "place" <= cast($10 as bigint) then "dim_member" end as "dim_member",
  case when "place" <= cast($11 as bigint) then "place" end as "position",
  "arm",
  "units"
from placed
),
-- units of what is shown
"summed" as (
select "dim_platform", "dim_member", "position", "arm", sum("units") as "units"
from shown
group by "dim_platform", "dim_member", "position", "arm"
)
select "c"."variant", r.*
from "summed" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."position", "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","40",50,50,50]
