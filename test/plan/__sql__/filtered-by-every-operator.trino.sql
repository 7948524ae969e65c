with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint)),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint))
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
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in (?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
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
  max(case when "position" = 1 then "dim_country" end) as "dim_country",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform",
  max(case when "position" = 1 then "dim_age" end) as "dim_age",
  max(case when "position" = 1 then "dim_rating" end) as "dim_rating",
  max(case when "position" = 1 then "dim_member" end) as "dim_member",
  max(case when "position" = 1 then "dim_birthday" end) as "dim_birthday",
  max(case when "position" = 1 then "dim_joined" end) as "dim_joined"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- the units asked for
"exposures" as (
select * from exposures_of_all where ((coalesce("dim_age" > cast(? as bigint), false) or coalesce("dim_rating" >= cast(? as double), false) or coalesce("dim_birthday" < cast(? as date), false) or coalesce("dim_joined" <= cast(replace(?, 'T', ' ') as timestamp(6)), false) or coalesce("dim_age" between cast(? as bigint) and cast(? as bigint), false) or coalesce(strpos("dim_country", cast(? as varchar)) > 0, false) or coalesce(starts_with("dim_platform", cast(? as varchar)), false) or ("dim_member" is null) or ("dim_member" is not null) or coalesce("dim_member" = cast(? as boolean), false) or coalesce("dim_age" in (cast(? as bigint), cast(? as bigint), cast(? as bigint)), false) or coalesce("dim_birthday" = cast(? as date), false)) and not (coalesce("dim_country" = cast(? as varchar), false) and (not coalesce("dim_country" = cast(? as varchar), false)) and coalesce("dim_country" in (cast(? as varchar), cast(? as varchar)), false) and (not coalesce("dim_country" in (cast(? as varchar), cast(? as varchar)), false))))
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__dim_country") as "dim_country",
  any_value("x"."__dim_platform") as "dim_platform",
  any_value("x"."__dim_age") as "dim_age",
  any_value("x"."__dim_rating") as "dim_rating",
  any_value("x"."__dim_member") as "dim_member",
  any_value("x"."__dim_birthday") as "dim_birthday",
  any_value("x"."__dim_joined") as "dim_joined",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end) as "orders.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_country" as "__dim_country", "dim_platform" as "__dim_platform", "dim_age" as "__dim_age", "dim_rating" as "__dim_rating", "dim_member" as "__dim_member", "dim_birthday" as "__dim_birthday", "dim_joined" as "__dim_joined" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders.value" as double), 0e0) end as "orders.value"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."orders.value") as "orders.units",
  sum("u"."orders.value") as "orders.value.sum",
  sum("u"."orders.value" * "u"."orders.value") as "orders.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","40","2.5","1980-01-01","2025-05-10T08:30:05","30","50","'L","an","true","20","30","41","1971-03-15","O'Land","DE","DE","Ü\"x","DE","FR","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]
