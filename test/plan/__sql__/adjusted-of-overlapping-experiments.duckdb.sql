with
-- the variants as configured
"configured" as (
select * from (values
  (cast($1 as varchar), cast($2 as varchar), cast(0 as smallint), cast($3 as timestamp), cast($4 as timestamp), cast($5 as timestamp), cast($6 as timestamp)),
  (cast($7 as varchar), cast($8 as varchar), cast(1 as smallint), cast($9 as timestamp), cast($10 as timestamp), cast($11 as timestamp), cast($12 as timestamp)),
  (cast($13 as varchar), cast($14 as varchar), cast(0 as smallint), cast($15 as timestamp), cast($16 as timestamp), cast($17 as timestamp), cast($18 as timestamp)),
  (cast($19 as varchar), cast($20 as varchar), cast(1 as smallint), cast($21 as timestamp), cast($22 as timestamp), cast($23 as timestamp), cast($24 as timestamp)),
  (cast($25 as varchar), cast($26 as varchar), cast(2 as smallint), cast($27 as timestamp), cast($28 as timestamp), cast($29 as timestamp), cast($30 as timestamp))
) as c ("experiment", "variant", "arm", "enrol_from", "enrol_until", "observed_until", "measured_until")
),
-- assignments with a known unit and a configured variant, inside the enrolment period
"assigned" as (
select
  "c"."experiment",
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  "c"."observed_until",
  "c"."measured_until"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at"
  from "shop"."assignments" as s
  where "experiment_id" in ($31, $32) and "assigned_at" >= (cast($33 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($34 as timestamp) at time zone 'UTC')
) as s
join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and ("c"."enrol_from" is null or "s"."__at" >= "c"."enrol_from") and "s"."__at" < "c"."enrol_until"
),
-- first exposure of each unit
"exposures" as materialized (
select
  "experiment",
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  min("observed_until") as "observed_until",
  min("measured_until") as "measured_until"
from assigned
group by "experiment", "unit"
having min("arm") = max("arm")
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__measured_until" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue_adjusted.value"
from (select "experiment" as "__experiment", "unit" as "__exposed_unit", "exposed_at" as "__exposed_at", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($35 as timestamp) at time zone 'UTC') and "event_at" < (cast($36 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < "x"."__observed_until" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."experiment",
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("facts_events"."capped_adjusted.value" as double), 0e0) end as "capped_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("facts_events"."capped_adjusted.value.before" as double), 0e0) end as "capped_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then case when "facts_events"."capped_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_adjusted.before",
  cast("facts_events"."open_revenue_adjusted.value" as double) as "open_revenue_adjusted.value",
  cast("facts_events"."capped_adjusted.value.before" as double) as "open_revenue_adjusted.value.before",
  case when "facts_events"."capped_adjusted.value.before" is not null then 1e0 else 0e0 end as "open_revenue_adjusted.before"
from "exposures" as x
left join "facts_events" on "facts_events"."experiment" = "x"."experiment" and "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  "experiment",
  quantile_cont(case when "capped_adjusted.value" <> 0e0 then "capped_adjusted.value" end, 0.8e0) as "capped_adjusted.value.upper",
  quantile_cont(case when "capped_adjusted.value.before" <> 0e0 then "capped_adjusted.value.before" end, 0.8e0) as "capped_adjusted.value.before.upper"
from units
group by "experiment"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."experiment",
  "u"."arm",
  count(*) as "exposed",
  count("u"."capped_adjusted.value") as "capped_adjusted.units",
  sum("u"."capped_adjusted.before") as "capped_adjusted.with_before",
  sum(case when "u"."capped_adjusted.value" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."capped_adjusted.value" end) as "capped_adjusted.value.sum",
  sum(case when "u"."capped_adjusted.value.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."capped_adjusted.value.before" end) as "capped_adjusted.value.before.sum",
  sum(case when "u"."capped_adjusted.value" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."capped_adjusted.value" end * case when "u"."capped_adjusted.value" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."capped_adjusted.value" end) as "capped_adjusted.value.square",
  sum(case when "u"."capped_adjusted.value.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."capped_adjusted.value.before" end * case when "u"."capped_adjusted.value" > "c"."capped_adjusted.value.upper" then "c"."capped_adjusted.value.upper" else "u"."capped_adjusted.value" end) as "capped_adjusted.value by value.before",
  sum(case when "u"."capped_adjusted.value.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."capped_adjusted.value.before" end * case when "u"."capped_adjusted.value.before" > "c"."capped_adjusted.value.before.upper" then "c"."capped_adjusted.value.before.upper" else "u"."capped_adjusted.value.before" end) as "capped_adjusted.value.before.square",
  count(*) as "open_revenue_adjusted.units",
  sum("u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value.sum",
  sum("u"."open_revenue_adjusted.value.before") as "open_revenue_adjusted.value.before.sum",
  sum("u"."open_revenue_adjusted.value" * "u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value.square",
  sum("u"."open_revenue_adjusted.value.before" * "u"."open_revenue_adjusted.value") as "open_revenue_adjusted.value by value.before",
  sum("u"."open_revenue_adjusted.value.before" * "u"."open_revenue_adjusted.value.before") as "open_revenue_adjusted.value.before.square",
  sum("u"."open_revenue_adjusted.before") as "open_revenue_adjusted.with_before",
  count("u"."capped_adjusted.value") as "revenue_adjusted.units",
  sum("u"."capped_adjusted.value") as "revenue_adjusted.value.sum",
  sum("u"."capped_adjusted.value.before") as "revenue_adjusted.value.before.sum",
  sum("u"."capped_adjusted.value" * "u"."capped_adjusted.value") as "revenue_adjusted.value.square",
  sum("u"."capped_adjusted.value.before" * "u"."capped_adjusted.value") as "revenue_adjusted.value by value.before",
  sum("u"."capped_adjusted.value.before" * "u"."capped_adjusted.value.before") as "revenue_adjusted.value.before.square",
  sum("u"."capped_adjusted.before") as "revenue_adjusted.with_before"
from units as u
join caps as c on "u"."experiment" = "c"."experiment"
group by "u"."experiment", "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm" and "c"."experiment" = "r"."experiment"
order by "r"."experiment", "r"."arm"
-- parameters: ["checkout","control","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","pricing","a","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","b","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","c","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","checkout","pricing","2026-03-20 00:00:00.000000","2026-04-08 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-15 00:00:00.000000"]
