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
  "user_id" as "__unit",
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
  max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "largest_adjusted.value",
  max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "largest_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue_known_adjusted.value",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '-259200' second and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue_known_adjusted.value.before"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then cast("x"."largest_adjusted.value" as double) end as "largest_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."largest_adjusted.value" is not null then coalesce(cast("x"."largest_adjusted.value.before" as double), 0e0) end as "largest_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."largest_adjusted.value" is not null then case when "x"."largest_adjusted.value.before" is not null then 1e0 else 0e0 end end as "largest_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."revenue_known_adjusted.value" as double), 0e0) end as "revenue_known_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."revenue_known_adjusted.value.before" as double), 0e0) end as "revenue_known_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when "x"."revenue_known_adjusted.value.before" is not null then 1e0 else 0e0 end end as "revenue_known_adjusted.before"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."largest_adjusted.value") as "largest_adjusted.units",
  sum("u"."largest_adjusted.value") as "largest_adjusted.value.sum",
  sum("u"."largest_adjusted.value.before") as "largest_adjusted.value.before.sum",
  sum((1e0 - "u"."largest_adjusted.before")) as "largest_adjusted.missing.sum",
  sum("u"."largest_adjusted.value" * "u"."largest_adjusted.value") as "largest_adjusted.value.square",
  sum("u"."largest_adjusted.value.before" * "u"."largest_adjusted.value") as "largest_adjusted.value by value.before",
  sum("u"."largest_adjusted.value.before" * "u"."largest_adjusted.value.before") as "largest_adjusted.value.before.square",
  sum((1e0 - "u"."largest_adjusted.before") * "u"."largest_adjusted.value") as "largest_adjusted.value by missing",
  sum((1e0 - "u"."largest_adjusted.before") * "u"."largest_adjusted.value.before") as "largest_adjusted.value.before by missing",
  sum("u"."largest_adjusted.before") as "largest_adjusted.with_before",
  count("u"."revenue_known_adjusted.value") as "revenue_known_adjusted.units",
  sum("u"."revenue_known_adjusted.value") as "revenue_known_adjusted.value.sum",
  sum("u"."revenue_known_adjusted.value.before") as "revenue_known_adjusted.value.before.sum",
  sum((1e0 - "u"."revenue_known_adjusted.before")) as "revenue_known_adjusted.missing.sum",
  sum("u"."revenue_known_adjusted.value" * "u"."revenue_known_adjusted.value") as "revenue_known_adjusted.value.square",
  sum("u"."revenue_known_adjusted.value.before" * "u"."revenue_known_adjusted.value") as "revenue_known_adjusted.value by value.before",
  sum("u"."revenue_known_adjusted.value.before" * "u"."revenue_known_adjusted.value.before") as "revenue_known_adjusted.value.before.square",
  sum((1e0 - "u"."revenue_known_adjusted.before") * "u"."revenue_known_adjusted.value") as "revenue_known_adjusted.value by missing",
  sum((1e0 - "u"."revenue_known_adjusted.before") * "u"."revenue_known_adjusted.value.before") as "revenue_known_adjusted.value.before by missing",
  sum("u"."revenue_known_adjusted.before") as "revenue_known_adjusted.with_before"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-16 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]
