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
  cast("user_id" as varchar) as "__unit",
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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "amount_per_visit.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "amount_per_visit.value.invalid",
  count(case when (event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "net.value.1",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "net_adjusted.value.before",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "share_of_refunds.value.1",
  count(case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" then 1 end) as "share_of_refunds.value.before",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then 1 end) as "share_of_refunds.value.before.1"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, cast("user_id" as varchar) as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and event_name in ('purchase', 'refund')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- what each unit did in visits
"facts_visits" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "amount_per_visit.value.1",
  case when abs(sum(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end)) <= 1e-12 * sum(abs(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end)) then 0e0 else sum(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast((seconds) as double) end) end as "net_adjusted.value.1",
  count(case when "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (seconds) is not null and cast((seconds) as double) is null then 1 end) as "net_adjusted.value.1.invalid",
  case when abs(sum(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end)) <= 1e-12 * sum(abs(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end)) then 0e0 else sum(case when "f"."__at" < "x"."__exposed_at" then cast((seconds) as double) end) end as "net_adjusted.value.before.1"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, nullif("user", '') as "__unit", ("visited_at" at time zone 'UTC') as "__at"
  from "shop"."visits" as s
  where "visited_at" >= (cast($10 as timestamp) at time zone 'UTC') and "visited_at" < (cast($11 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then case when cast("facts_events"."amount_per_visit.value" as double) is not null then coalesce((cast("facts_events"."amount_per_visit.value" as double) / nullif(coalesce(cast("facts_visits"."amount_per_visit.value.1" as double), 0e0), 0e0)), 0e0) end end as "amount_per_visit.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then case when abs((coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0) - (2e0 * coalesce(cast("facts_events"."net.value.1" as double), 0e0)))) <= 1e-12 * (abs(coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0)) + abs((2e0 * coalesce(cast("facts_events"."net.value.1" as double), 0e0)))) then 0e0 else (coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0) - (2e0 * coalesce(cast("facts_events"."net.value.1" as double), 0e0))) end end as "net.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then case when abs((((0e0 - (coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0)) <= 1e-12 * (abs(((0e0 - (coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0))) + abs(1e0)) then 0e0 else (((0e0 - (coalesce(cast("facts_events"."amount_per_visit.value" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0) end end as "net_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then case when abs((((0e0 - (coalesce(cast("facts_events"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0)) <= 1e-12 * (abs(((0e0 - (coalesce(cast("facts_events"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0))) + abs(1e0)) then 0e0 else (((0e0 - (coalesce(cast("facts_events"."net_adjusted.value.before" as double), 0e0) - coalesce(cast("facts_visits"."net_adjusted.value.before.1" as double), 0e0))) / nullif(2e0, 0e0)) + 1e0) end end as "net_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then case when ("facts_events"."net_adjusted.value.before" is not null or "facts_visits"."net_adjusted.value.before.1" is not null) then 1e0 else 0e0 end end as "net_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) then (coalesce(cast("facts_events"."net.value.1" as double), 0e0) / nullif((coalesce(cast("facts_events"."net.value.1" as double), 0e0) + coalesce(cast("facts_events"."share_of_refunds.value.1" as double), 0e0)), 0e0)) end as "share_of_refunds.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) and (coalesce(cast("facts_events"."net.value.1" as double), 0e0) / nullif((coalesce(cast("facts_events"."net.value.1" as double), 0e0) + coalesce(cast("facts_events"."share_of_refunds.value.1" as double), 0e0)), 0e0)) is not null then coalesce((coalesce(cast("facts_events"."share_of_refunds.value.before" as double), 0e0) / nullif((coalesce(cast("facts_events"."share_of_refunds.value.before" as double), 0e0) + coalesce(cast("facts_events"."share_of_refunds.value.before.1" as double), 0e0)), 0e0)), 0e0) end as "share_of_refunds.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($19 as timestamp) and (coalesce(cast("facts_events"."net.value.1" as double), 0e0) / nullif((coalesce(cast("facts_events"."net.value.1" as double), 0e0) + coalesce(cast("facts_events"."share_of_refunds.value.1" as double), 0e0)), 0e0)) is not null then case when ("facts_events"."share_of_refunds.value.before" > 0 or "facts_events"."share_of_refunds.value.before.1" > 0) and (coalesce(cast("facts_events"."share_of_refunds.value.before" as double), 0e0) / nullif((coalesce(cast("facts_events"."share_of_refunds.value.before" as double), 0e0) + coalesce(cast("facts_events"."share_of_refunds.value.before.1" as double), 0e0)), 0e0)) is not null then 1e0 else 0e0 end end as "share_of_refunds.before",
  coalesce("facts_events"."amount_per_visit.value.invalid", 0) as "amount_per_visit.value.invalid",
  coalesce("facts_visits"."net_adjusted.value.1.invalid", 0) as "net_adjusted.value.1.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
left join "facts_visits" on "facts_visits"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "net_adjusted.value" <> 0e0 then "net_adjusted.value" end, 0.8e0) as "net_adjusted.value.upper",
  min("net_adjusted.value") as "net_adjusted.value.minimum",
  max("net_adjusted.value") as "net_adjusted.value.maximum",
  quantile_cont(case when "net_adjusted.value.before" <> 0e0 then "net_adjusted.value.before" end, 0.8e0) as "net_adjusted.value.before.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."amount_per_visit.value") as "amount_per_visit.units",
  sum("u"."amount_per_visit.value") as "amount_per_visit.value.sum",
  sum("u"."amount_per_visit.value" * "u"."amount_per_visit.value") as "amount_per_visit.value.square",
  count("u"."amount_per_visit.value") as "amount_per_visit.with_value",
  sum("u"."amount_per_visit.value.invalid") as "amount_per_visit.amount_per_visit.value.invalid",
  count("u"."net.value") as "net.units",
  sum("u"."net.value") as "net.value.sum",
  sum("u"."net.value" * "u"."net.value") as "net.value.square",
  count(case when "u"."net.value" <> 0e0 then 1 end) as "net.with_value",
  sum("u"."amount_per_visit.value.invalid") as "net.amount_per_visit.value.invalid",
  count("u"."net_adjusted.value") as "net_adjusted.units",
  sum("u"."net_adjusted.value") as "net_adjusted.value.uncapped_sum",
  sum("u"."net_adjusted.value" * "u"."net_adjusted.value") as "net_adjusted.value.uncapped_square",
  sum("u"."net_adjusted.before") as "net_adjusted.with_before",
  count(case when "u"."net_adjusted.value" <> 0e0 then 1 end) as "net_adjusted.with_value",
  sum("u"."amount_per_visit.value.invalid") as "net_adjusted.amount_per_visit.value.invalid",
  sum("u"."net_adjusted.value.1.invalid") as "net_adjusted.net_adjusted.value.1.invalid",
  sum(case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then "c"."net_adjusted.value.upper" else "u"."net_adjusted.value" end) as "net_adjusted.value.sum",
  sum(case when "u"."net_adjusted.value.before" > "c"."net_adjusted.value.before.upper" then "c"."net_adjusted.value.before.upper" else "u"."net_adjusted.value.before" end) as "net_adjusted.value.before.sum",
  sum((1e0 - "u"."net_adjusted.before")) as "net_adjusted.missing.sum",
  sum(case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then "c"."net_adjusted.value.upper" else "u"."net_adjusted.value" end * case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then "c"."net_adjusted.value.upper" else "u"."net_adjusted.value" end) as "net_adjusted.value.square",
  sum(case when "u"."net_adjusted.value.before" > "c"."net_adjusted.value.before.upper" then "c"."net_adjusted.value.before.upper" else "u"."net_adjusted.value.before" end * case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then "c"."net_adjusted.value.upper" else "u"."net_adjusted.value" end) as "net_adjusted.value by value.before",
  sum(case when "u"."net_adjusted.value.before" > "c"."net_adjusted.value.before.upper" then "c"."net_adjusted.value.before.upper" else "u"."net_adjusted.value.before" end * case when "u"."net_adjusted.value.before" > "c"."net_adjusted.value.before.upper" then "c"."net_adjusted.value.before.upper" else "u"."net_adjusted.value.before" end) as "net_adjusted.value.before.square",
  sum((1e0 - "u"."net_adjusted.before") * case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then "c"."net_adjusted.value.upper" else "u"."net_adjusted.value" end) as "net_adjusted.value by missing",
  sum((1e0 - "u"."net_adjusted.before") * case when "u"."net_adjusted.value.before" > "c"."net_adjusted.value.before.upper" then "c"."net_adjusted.value.before.upper" else "u"."net_adjusted.value.before" end) as "net_adjusted.value.before by missing",
  sum(case when "u"."net_adjusted.value" > "c"."net_adjusted.value.upper" then 1e0 else 0e0 end) as "net_adjusted.capped",
  max("c"."net_adjusted.value.upper") as "net_adjusted.upper",
  max("c"."net_adjusted.value.minimum") as "net_adjusted.minimum",
  max("c"."net_adjusted.value.maximum") as "net_adjusted.maximum",
  count("u"."share_of_refunds.value") as "share_of_refunds.units",
  sum("u"."share_of_refunds.value") as "share_of_refunds.value.sum",
  sum("u"."share_of_refunds.value.before") as "share_of_refunds.value.before.sum",
  sum((1e0 - "u"."share_of_refunds.before")) as "share_of_refunds.missing.sum",
  sum("u"."share_of_refunds.value" * "u"."share_of_refunds.value") as "share_of_refunds.value.square",
  sum("u"."share_of_refunds.value.before" * "u"."share_of_refunds.value") as "share_of_refunds.value by value.before",
  sum("u"."share_of_refunds.value.before" * "u"."share_of_refunds.value.before") as "share_of_refunds.value.before.square",
  sum((1e0 - "u"."share_of_refunds.before") * "u"."share_of_refunds.value") as "share_of_refunds.value by missing",
  sum((1e0 - "u"."share_of_refunds.before") * "u"."share_of_refunds.value.before") as "share_of_refunds.value.before by missing",
  sum("u"."share_of_refunds.before") as "share_of_refunds.with_before",
  count("u"."share_of_refunds.value") as "share_of_refunds.with_value"
from units as u
cross join caps as c
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
