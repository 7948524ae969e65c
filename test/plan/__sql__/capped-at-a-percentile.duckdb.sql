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
  "s"."__at" as "assigned_at"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as materialized (
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
  case when abs(sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped.value",
  count(case when (event_name = 'purchase') and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then coalesce(cast("facts_events"."capped.value" as double), 0e0) end as "capped.value",
  coalesce("facts_events"."capped.value.invalid", 0) as "capped.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "capped.value" <> 0e0 then "capped.value" end, 0.9e0) as "capped.value.upper",
  min("capped.value") as "capped.value.minimum",
  max("capped.value") as "capped.value.maximum"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."capped.value") as "capped.units",
  sum("u"."capped.value") as "capped.value.uncapped_sum",
  sum("u"."capped.value" * "u"."capped.value") as "capped.value.uncapped_square",
  count(case when "u"."capped.value" <> 0e0 then 1 end) as "capped.with_value",
  sum("u"."capped.value.invalid") as "capped.capped.value.invalid",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.value.sum",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.value.square",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then 1e0 else 0e0 end) as "capped.capped",
  max("c"."capped.value.upper") as "capped.upper",
  max("c"."capped.value.minimum") as "capped.minimum",
  max("c"."capped.value.maximum") as "capped.maximum"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]
