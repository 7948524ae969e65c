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
  count(distinct case when "f"."__at" < "x"."__exposed_at" + interval '604800' second then cast(floor((epoch_us("f"."__at") - epoch_us("x"."__exposed_at")) / 86400000000e0) as bigint) end) as "active_days.value",
  case when min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 0 end, case when (event_name = 'view') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 1 end, case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 2 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'view') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second)))), lambda e: [e]), lambda s, e: [case when e[1] % 3 = 0 then e[1] - e[1] % 3 else s[1] end, case when e[1] % 3 = 1 and s[1] is not null and e[1] - e[1] % 3 - s[1] <= 777600000000 then e[1] - e[1] % 3 else s[2] end, case when e[1] % 3 = 2 and s[2] is not null and e[1] - e[1] % 3 - s[2] <= 648000000000 then e[1] - e[1] % 3 else s[3] end], [cast(null as bigint), cast(null as bigint), cast(null as bigint)])[3] is not null) then 1 else 0 end end as "came_back.value",
  (cast(epoch_us(min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 3600000000e0 as "hours_to_purchase.value",
  (0e0 - max(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", 0e0 - case when isfinite(cast((amount) as double)) then cast((amount) as double) end) end)[2]) as "last_amount.value",
  count(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "last_amount.value.invalid",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0 then 50e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0) then 1 end) as "rows_capped.value.cut",
  min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.least",
  max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.greatest",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped.value.uncapped",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped.value.uncapped.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  cast("facts_events"."active_days.value" as double) as "active_days.value",
  case when "facts_events"."came_back.value" > 0 then 1e0 end as "came_back.value",
  coalesce(cast("facts_events"."hours_to_purchase.value" as double), 168e0) as "hours_to_purchase.value",
  cast("facts_events"."last_amount.value" as double) as "last_amount.value",
  case when coalesce(cast("facts_events"."hours_to_purchase.value" as double), 168e0) < 48e0 then 1e0 else 0e0 end as "quick.value",
  cast("facts_events"."rows_capped.value" as double) as "rows_capped.value",
  cast("facts_events"."rows_capped.value.uncapped" as double) as "rows_capped.value.uncapped",
  case when coalesce(cast("facts_events"."rows_capped.value.uncapped" as double), 0e0) < 80e0 then 1e0 end as "spent_under_80.value",
  coalesce("facts_events"."last_amount.value.invalid", 0) as "last_amount.value.invalid",
  coalesce("facts_events"."rows_capped.value.invalid", 0) as "rows_capped.value.invalid",
  coalesce("facts_events"."rows_capped.value.uncapped.invalid", 0) as "rows_capped.value.uncapped.invalid",
  coalesce("facts_events"."rows_capped.value.cut", 0) as "rows_capped.value.cut",
  "facts_events"."rows_capped.value.least" as "rows_capped.value.least",
  "facts_events"."rows_capped.value.greatest" as "rows_capped.value.greatest"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "active_days.units",
  sum("u"."active_days.value") as "active_days.value.sum",
  sum("u"."active_days.value" * "u"."active_days.value") as "active_days.value.square",
  count(case when "u"."active_days.value" <> 0e0 then 1 end) as "active_days.with_value",
  count(*) as "came_back.units",
  sum("u"."came_back.value") as "came_back.value.sum",
  count(case when "u"."came_back.value" <> 0e0 then 1 end) as "came_back.with_value",
  count(*) as "hours_to_purchase.units",
  sum("u"."hours_to_purchase.value") as "hours_to_purchase.value.sum",
  sum("u"."hours_to_purchase.value" * "u"."hours_to_purchase.value") as "hours_to_purchase.value.square",
  count(case when "u"."hours_to_purchase.value" <> 168e0 then 1 end) as "hours_to_purchase.with_value",
  count(*) as "last_amount.units",
  sum("u"."last_amount.value") as "last_amount.value.sum",
  sum("u"."last_amount.value" * "u"."last_amount.value") as "last_amount.value.square",
  count(case when "u"."last_amount.value" <> 0e0 then 1 end) as "last_amount.with_value",
  sum("u"."last_amount.value.invalid") as "last_amount.last_amount.value.invalid",
  count(*) as "quick.units",
  sum("u"."quick.value") as "quick.value.sum",
  count(case when "u"."quick.value" <> 0e0 then 1 end) as "quick.with_value",
  count(*) as "rows_capped.units",
  sum("u"."rows_capped.value") as "rows_capped.value.sum",
  sum("u"."rows_capped.value" * "u"."rows_capped.value") as "rows_capped.value.square",
  sum("u"."rows_capped.value.uncapped") as "rows_capped.value.uncapped_sum",
  sum("u"."rows_capped.value.uncapped" * "u"."rows_capped.value.uncapped") as "rows_capped.value.uncapped_square",
  count(case when "u"."rows_capped.value" is not null and ("u"."rows_capped.value.cut" > 0) then 1 end) as "rows_capped.capped",
  min(case when "u"."rows_capped.value" is not null then "u"."rows_capped.value.least" end) as "rows_capped.minimum",
  max(case when "u"."rows_capped.value" is not null then "u"."rows_capped.value.greatest" end) as "rows_capped.maximum",
  count(case when "u"."rows_capped.value" <> 0e0 then 1 end) as "rows_capped.with_value",
  sum("u"."rows_capped.value.invalid") as "rows_capped.rows_capped.value.invalid",
  count(*) as "spent_under_80.units",
  sum("u"."spent_under_80.value") as "spent_under_80.value.sum",
  count(case when "u"."spent_under_80.value" <> 0e0 then 1 end) as "spent_under_80.with_value",
  sum("u"."rows_capped.value.uncapped.invalid") as "spent_under_80.rows_capped.value.uncapped.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000"]
