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
  "c"."arm"
from (
  select
  "user_id" as "__unit",
  nullif("variant", '') as "__variant"
  from "shop"."untimed" as s
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as (
select
  "unit",
  min("arm") as "arm"
from assigned
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm" from exposures) as x on "f"."__unit" = "x"."__exposed_unit"
group by "x"."__exposed_unit"
),
-- what each unit did in profiles
"facts_profiles" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when (plan = 'pro') then 1 end) as "pro.value",
  sum(case when is_finite(cast((score) as double)) then cast((score) as double) end) as "score.value"
from (select "unit" as "__exposed_unit" from exposures) as x
join (
  select s.*, "user_id" as "__unit"
  from "shop"."profiles" as s
) as f on "f"."__unit" = "x"."__exposed_unit"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  cast("x"."open_revenue.value" as double) as "open_revenue.value",
  case when "facts_profiles"."pro.value" > 0 then 1e0 end as "pro.value",
  cast("facts_profiles"."score.value" as double) as "score.value"
from "facts_events" as x
left join "facts_profiles" on "facts_profiles"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "open_revenue.units",
  sum("u"."open_revenue.value") as "open_revenue.value.sum",
  sum("u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.value.square",
  count(*) as "pro.units",
  sum("u"."pro.value") as "pro.value.sum",
  count(*) as "score.units",
  sum("u"."score.value") as "score.value.sum",
  sum("u"."score.value" * "u"."score.value") as "score.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["untimed","control","untimed","treatment","2026-12-01 00:00:00.000000"]
