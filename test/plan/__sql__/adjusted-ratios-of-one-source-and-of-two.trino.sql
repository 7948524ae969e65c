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
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_adjusted.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_adjusted.denominator",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "aov_adjusted.numerator.before",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then 1 end) as "aov_adjusted.denominator.before"
from (
  select s.*, cast("user_id" as varchar) as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in sent
"facts_sent" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue_per_visit_adjusted.numerator",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "revenue_per_visit_adjusted.numerator.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, cast("user_id" as varchar) as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at" from "shop"."events" as s where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast(? as timestamp(6)) and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in visits
"facts_visits" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "revenue_per_visit_adjusted.denominator",
  count(case when "f"."__at" < "x"."__exposed_at" then 1 end) as "revenue_per_visit_adjusted.denominator.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_adjusted.numerator" as double), 0e0) end as "aov_adjusted.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_adjusted.denominator" as double), 0e0) end as "aov_adjusted.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_adjusted.numerator.before" as double), 0e0) end as "aov_adjusted.numerator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_adjusted.denominator.before" as double), 0e0) end as "aov_adjusted.denominator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when ("x"."aov_adjusted.numerator.before" is not null or "x"."aov_adjusted.denominator.before" > 0) then 1e0 else 0e0 end end as "aov_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("facts_sent"."revenue_per_visit_adjusted.numerator" as double), 0e0) end as "revenue_per_visit_adjusted.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("facts_visits"."revenue_per_visit_adjusted.denominator" as double), 0e0) end as "revenue_per_visit_adjusted.denominator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("facts_sent"."revenue_per_visit_adjusted.numerator.before" as double), 0e0) end as "revenue_per_visit_adjusted.numerator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("facts_visits"."revenue_per_visit_adjusted.denominator.before" as double), 0e0) end as "revenue_per_visit_adjusted.denominator.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then case when ("facts_sent"."revenue_per_visit_adjusted.numerator.before" is not null or "facts_visits"."revenue_per_visit_adjusted.denominator.before" > 0) then 1e0 else 0e0 end end as "revenue_per_visit_adjusted.before"
from "facts_events" as x
left join "facts_sent" on "facts_sent"."unit" = "x"."unit"
left join "facts_visits" on "facts_visits"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."aov_adjusted.numerator") as "aov_adjusted.units",
  sum("u"."aov_adjusted.numerator") as "aov_adjusted.numerator.sum",
  sum("u"."aov_adjusted.denominator") as "aov_adjusted.denominator.sum",
  sum("u"."aov_adjusted.numerator.before") as "aov_adjusted.numerator.before.sum",
  sum("u"."aov_adjusted.denominator.before") as "aov_adjusted.denominator.before.sum",
  sum("u"."aov_adjusted.numerator" * "u"."aov_adjusted.numerator") as "aov_adjusted.numerator.square",
  sum("u"."aov_adjusted.denominator" * "u"."aov_adjusted.numerator") as "aov_adjusted.cross",
  sum("u"."aov_adjusted.denominator" * "u"."aov_adjusted.denominator") as "aov_adjusted.denominator.square",
  sum("u"."aov_adjusted.numerator.before" * "u"."aov_adjusted.numerator") as "aov_adjusted.numerator by numerator.before",
  sum("u"."aov_adjusted.numerator.before" * "u"."aov_adjusted.denominator") as "aov_adjusted.denominator by numerator.before",
  sum("u"."aov_adjusted.numerator.before" * "u"."aov_adjusted.numerator.before") as "aov_adjusted.numerator.before.square",
  sum("u"."aov_adjusted.denominator.before" * "u"."aov_adjusted.numerator") as "aov_adjusted.numerator by denominator.before",
  sum("u"."aov_adjusted.denominator.before" * "u"."aov_adjusted.denominator") as "aov_adjusted.denominator by denominator.before",
  sum("u"."aov_adjusted.denominator.before" * "u"."aov_adjusted.numerator.before") as "aov_adjusted.numerator.before by denominator.before",
  sum("u"."aov_adjusted.denominator.before" * "u"."aov_adjusted.denominator.before") as "aov_adjusted.denominator.before.square",
  sum("u"."aov_adjusted.before") as "aov_adjusted.with_before",
  count("u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.units",
  sum("u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.numerator.sum",
  sum("u"."revenue_per_visit_adjusted.denominator") as "revenue_per_visit_adjusted.denominator.sum",
  sum("u"."revenue_per_visit_adjusted.numerator.before") as "revenue_per_visit_adjusted.numerator.before.sum",
  sum("u"."revenue_per_visit_adjusted.denominator.before") as "revenue_per_visit_adjusted.denominator.before.sum",
  sum("u"."revenue_per_visit_adjusted.numerator" * "u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.numerator.square",
  sum("u"."revenue_per_visit_adjusted.denominator" * "u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.cross",
  sum("u"."revenue_per_visit_adjusted.denominator" * "u"."revenue_per_visit_adjusted.denominator") as "revenue_per_visit_adjusted.denominator.square",
  sum("u"."revenue_per_visit_adjusted.numerator.before" * "u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.numerator by numerator.before",
  sum("u"."revenue_per_visit_adjusted.numerator.before" * "u"."revenue_per_visit_adjusted.denominator") as "revenue_per_visit_adjusted.denominator by numerator.before",
  sum("u"."revenue_per_visit_adjusted.numerator.before" * "u"."revenue_per_visit_adjusted.numerator.before") as "revenue_per_visit_adjusted.numerator.before.square",
  sum("u"."revenue_per_visit_adjusted.denominator.before" * "u"."revenue_per_visit_adjusted.numerator") as "revenue_per_visit_adjusted.numerator by denominator.before",
  sum("u"."revenue_per_visit_adjusted.denominator.before" * "u"."revenue_per_visit_adjusted.denominator") as "revenue_per_visit_adjusted.denominator by denominator.before",
  sum("u"."revenue_per_visit_adjusted.denominator.before" * "u"."revenue_per_visit_adjusted.numerator.before") as "revenue_per_visit_adjusted.numerator.before by denominator.before",
  sum("u"."revenue_per_visit_adjusted.denominator.before" * "u"."revenue_per_visit_adjusted.denominator.before") as "revenue_per_visit_adjusted.denominator.before.square",
  sum("u"."revenue_per_visit_adjusted.before") as "revenue_per_visit_adjusted.with_before"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-16 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
