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
  min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", case when is_finite(cast((amount) as double)) then cast((amount) as double) end) end)[2] as "first_amount.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "first_amount.value.invalid",
  min(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end is not null then row("f"."__at", case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end) end)[2] as "first_raw.value",
  count(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) and (raw_amount) is not null and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end is null then 1 end) as "first_raw.value.invalid",
  count(case when "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end < 0e0 then 1 end) as "first_raw.value.below",
  (0e0 - max(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", 0e0 - case when is_finite(cast((amount) as double)) then cast((amount) as double) end) end)[2]) as "last_amount.value",
  count(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "last_amount.value.invalid"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then cast("x"."first_amount.value" as double) end as "first_amount.value",
  cast("x"."first_raw.value" as double) as "first_raw.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."last_amount.value" as double), 0e0) end as "last_amount.value",
  coalesce("x"."first_amount.value.invalid", 0) as "first_amount.value.invalid",
  coalesce("x"."first_raw.value.invalid", 0) as "first_raw.value.invalid",
  coalesce("x"."first_raw.value.below", 0) as "first_raw.value.below",
  coalesce("x"."last_amount.value.invalid", 0) as "last_amount.value.invalid"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."first_amount.value") as "first_amount.units",
  sum("u"."first_amount.value") as "first_amount.value.sum",
  sum("u"."first_amount.value" * "u"."first_amount.value") as "first_amount.value.square",
  count("u"."first_amount.value") as "first_amount.with_value",
  sum("u"."first_amount.value.invalid") as "first_amount.first_amount.value.invalid",
  count("u"."first_raw.value") as "first_raw.units",
  sum("u"."first_raw.value") as "first_raw.value.sum",
  sum("u"."first_raw.value" * "u"."first_raw.value") as "first_raw.value.square",
  count("u"."first_raw.value") as "first_raw.with_value",
  sum("u"."first_raw.value.invalid") as "first_raw.first_raw.value.invalid",
  sum("u"."first_raw.value.below") as "first_raw.first_raw.value.below",
  count("u"."last_amount.value") as "last_amount.units",
  sum("u"."last_amount.value") as "last_amount.value.sum",
  sum("u"."last_amount.value" * "u"."last_amount.value") as "last_amount.value.square",
  count(case when "u"."last_amount.value" <> 0e0 then 1 end) as "last_amount.with_value",
  sum("u"."last_amount.value.invalid") as "last_amount.last_amount.value.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
