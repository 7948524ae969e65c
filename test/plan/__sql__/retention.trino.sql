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
  "s"."__at" as "assigned_at"
from (
  select
  "experiment_id" as "__experiment",
  cast("user_id" as varchar) as "__unit",
  nullif("variant", '') as "__variant",
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in (?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at"
from assigned
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  count(case when (event_name <> 'refund') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '604800' second then 1 end) as "retained_week.value"
from (
  select s.*, cast("user_id" as varchar) as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name <> 'refund'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second
group by "x"."__exposed_unit"
),
-- what each unit did in visits
"facts_visits" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when "f"."__at" >= "x"."__exposed_at" + interval '259200' second and "f"."__at" < "x"."__exposed_at" + interval '345600' second then 1 end) as "retained_day.value",
  count(case when "f"."__at" >= "x"."__exposed_at" + interval '345600' second and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "retained_from.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '345600' second <= cast(? as timestamp(6)) then case when "facts_visits"."retained_day.value" > 0 then 1e0 else 0e0 end end as "retained_day.value",
  case when "facts_visits"."retained_from.value" > 0 then 1e0 end as "retained_from.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast(? as timestamp(6)) then case when "x"."retained_week.value" > 0 then 1e0 else 0e0 end end as "retained_week.value"
from "facts_events" as x
left join "facts_visits" on "facts_visits"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."retained_day.value") as "retained_day.units",
  sum("u"."retained_day.value") as "retained_day.value.sum",
  count(case when "u"."retained_day.value" <> 0e0 then 1 end) as "retained_day.with_value",
  count(*) as "retained_from.units",
  sum("u"."retained_from.value") as "retained_from.value.sum",
  count(case when "u"."retained_from.value" <> 0e0 then 1 end) as "retained_from.with_value",
  count("u"."retained_week.value") as "retained_week.units",
  sum("u"."retained_week.value") as "retained_week.value.sum",
  count(case when "u"."retained_week.value" <> 0e0 then 1 end) as "retained_week.with_value"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-27 00:00:00.000000","2026-04-17 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-23 00:00:00.000000","2026-04-07 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
