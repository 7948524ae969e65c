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
  where "experiment_id" in (?)
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and "s"."__at" >= cast(? as timestamp(6)) and "s"."__at" < cast(? as timestamp(6))
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
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "capped_at_value.value",
  count(case when (event_name = 'purchase') and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped_at_value.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where cast("event_at" at time zone 'UTC' as timestamp(6)) >= cast(? as timestamp(6)) and cast("event_at" at time zone 'UTC' as timestamp(6)) < cast(? as timestamp(6)) and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("facts_events"."capped_at_value.value" as double), 0e0) end as "capped_at_value.value",
  coalesce("facts_events"."capped_at_value.value.invalid", 0) as "capped_at_value.value.invalid"
from exposures as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  min("capped_at_value.value") as "capped_at_value.value.minimum",
  max("capped_at_value.value") as "capped_at_value.value.maximum"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."capped_at_value.value") as "capped_at_value.units",
  sum(case when "u"."capped_at_value.value" > 50e0 then 50e0 else "u"."capped_at_value.value" end) as "capped_at_value.value.sum",
  sum(case when "u"."capped_at_value.value" > 50e0 then 50e0 else "u"."capped_at_value.value" end * case when "u"."capped_at_value.value" > 50e0 then 50e0 else "u"."capped_at_value.value" end) as "capped_at_value.value.square",
  count(case when "u"."capped_at_value.value" <> 0e0 then 1 end) as "capped_at_value.with_value",
  sum("u"."capped_at_value.value") as "capped_at_value.value.uncapped_sum",
  sum("u"."capped_at_value.value" * "u"."capped_at_value.value") as "capped_at_value.value.uncapped_square",
  count(case when "u"."capped_at_value.value" > 50e0 then 1 end) as "capped_at_value.capped",
  max("c"."capped_at_value.value.minimum") as "capped_at_value.minimum",
  max("c"."capped_at_value.value.maximum") as "capped_at_value.maximum",
  sum("u"."capped_at_value.value.invalid") as "capped_at_value.capped_at_value.value.invalid"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]
