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
  min(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", case when isfinite(cast((amount) as double)) then cast((amount) as double) end) end)[2] as "first_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "first_adjusted.value.invalid",
  min(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", case when isfinite(cast((amount) as double)) then cast((amount) as double) end) end)[2] as "first_adjusted.value.before",
  case when min(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 0 end, case when (event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 1 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '1209600' second)))), lambda e: [e]), lambda s, e: [case when e[1] % 2 = 0 then e[1] - e[1] % 2 else s[1] end, case when e[1] % 2 = 1 and s[1] is not null and e[1] - e[1] % 2 - s[1] <= 259200000000 then e[1] - e[1] % 2 else s[2] end], [cast(null as bigint), cast(null as bigint)])[2] is not null) then 1 else 0 end end as "refunded_soon_adjusted.value",
  case when min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then "f"."__at" end) <= max(case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 0 end, case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 1 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at") or ((event_name = 'refund') and "f"."__at" < "x"."__exposed_at")))), lambda e: [e]), lambda s, e: [case when e[1] % 2 = 0 then e[1] - e[1] % 2 else s[1] end, case when e[1] % 2 = 1 and s[1] is not null and e[1] - e[1] % 2 - s[1] <= 259200000000 then e[1] - e[1] % 2 else s[2] end], [cast(null as bigint), cast(null as bigint)])[2] is not null) then 1 else 0 end end as "refunded_soon_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0 then 50e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped_adjusted.value.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0) then 1 end) as "rows_capped_adjusted.value.cut",
  min(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_adjusted.value.least",
  max(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_adjusted.value.greatest",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "rows_capped_adjusted.value.uncapped",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "rows_capped_adjusted.value.uncapped.invalid",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when case when isfinite(cast((amount) as double)) then cast((amount) as double) end > 50e0 then 50e0 else case when isfinite(cast((amount) as double)) then cast((amount) as double) end end end) as "rows_capped_adjusted.value.before",
  sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "spent_50_adjusted.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($8 as timestamp) at time zone 'UTC') and "event_at" < (cast($9 as timestamp) at time zone 'UTC') and event_name in ('purchase', 'refund')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-432000' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '604800' second <= cast($10 as timestamp) then cast("facts_events"."first_adjusted.value" as double) end as "first_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($11 as timestamp) and "facts_events"."first_adjusted.value" is not null then coalesce(cast("facts_events"."first_adjusted.value.before" as double), 0e0) end as "first_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) and "facts_events"."first_adjusted.value" is not null then case when "facts_events"."first_adjusted.value.before" is not null then 1e0 else 0e0 end end as "first_adjusted.before",
  case when "x"."exposed_at" + interval '1209600' second <= cast($13 as timestamp) then case when "facts_events"."refunded_soon_adjusted.value" > 0 then 1e0 else 0e0 end end as "refunded_soon_adjusted.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast($14 as timestamp) then case when "facts_events"."refunded_soon_adjusted.value.before" > 0 then 1e0 else 0e0 end end as "refunded_soon_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($15 as timestamp) then coalesce(cast("facts_events"."rows_capped_adjusted.value" as double), 0e0) end as "rows_capped_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then coalesce(cast("facts_events"."rows_capped_adjusted.value.uncapped" as double), 0e0) end as "rows_capped_adjusted.value.uncapped",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) then coalesce(cast("facts_events"."rows_capped_adjusted.value.before" as double), 0e0) end as "rows_capped_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) then case when "facts_events"."rows_capped_adjusted.value.before" is not null then 1e0 else 0e0 end end as "rows_capped_adjusted.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($19 as timestamp) then case when cast("facts_events"."rows_capped_adjusted.value.uncapped" as double) >= 50e0 then 1e0 else 0e0 end end as "spent_50_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($20 as timestamp) then case when cast("facts_events"."spent_50_adjusted.value.before" as double) >= 50e0 then 1e0 else 0e0 end end as "spent_50_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($21 as timestamp) then case when "facts_events"."spent_50_adjusted.value.before" is not null then 1e0 else 0e0 end end as "spent_50_adjusted.before",
  coalesce("facts_events"."first_adjusted.value.invalid", 0) as "first_adjusted.value.invalid",
  coalesce("facts_events"."rows_capped_adjusted.value.invalid", 0) as "rows_capped_adjusted.value.invalid",
  coalesce("facts_events"."rows_capped_adjusted.value.uncapped.invalid", 0) as "rows_capped_adjusted.value.uncapped.invalid",
  coalesce("facts_events"."rows_capped_adjusted.value.cut", 0) as "rows_capped_adjusted.value.cut",
  "facts_events"."rows_capped_adjusted.value.least" as "rows_capped_adjusted.value.least",
  "facts_events"."rows_capped_adjusted.value.greatest" as "rows_capped_adjusted.value.greatest"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."first_adjusted.value") as "first_adjusted.units",
  sum("u"."first_adjusted.value") as "first_adjusted.value.sum",
  sum("u"."first_adjusted.value.before") as "first_adjusted.value.before.sum",
  sum((1e0 - "u"."first_adjusted.before")) as "first_adjusted.missing.sum",
  sum("u"."first_adjusted.value" * "u"."first_adjusted.value") as "first_adjusted.value.square",
  sum("u"."first_adjusted.value.before" * "u"."first_adjusted.value") as "first_adjusted.value by value.before",
  sum("u"."first_adjusted.value.before" * "u"."first_adjusted.value.before") as "first_adjusted.value.before.square",
  sum((1e0 - "u"."first_adjusted.before") * "u"."first_adjusted.value") as "first_adjusted.value by missing",
  sum((1e0 - "u"."first_adjusted.before") * "u"."first_adjusted.value.before") as "first_adjusted.value.before by missing",
  sum("u"."first_adjusted.before") as "first_adjusted.with_before",
  count("u"."first_adjusted.value") as "first_adjusted.with_value",
  sum("u"."first_adjusted.value.invalid") as "first_adjusted.first_adjusted.value.invalid",
  count("u"."refunded_soon_adjusted.value") as "refunded_soon_adjusted.units",
  sum("u"."refunded_soon_adjusted.value") as "refunded_soon_adjusted.value.sum",
  sum("u"."refunded_soon_adjusted.value.before") as "refunded_soon_adjusted.value.before.sum",
  sum("u"."refunded_soon_adjusted.value.before" * "u"."refunded_soon_adjusted.value") as "refunded_soon_adjusted.value by value.before",
  sum("u"."refunded_soon_adjusted.value.before") as "refunded_soon_adjusted.with_before",
  count(case when "u"."refunded_soon_adjusted.value" <> 0e0 then 1 end) as "refunded_soon_adjusted.with_value",
  count("u"."rows_capped_adjusted.value") as "rows_capped_adjusted.units",
  sum("u"."rows_capped_adjusted.value") as "rows_capped_adjusted.value.sum",
  sum("u"."rows_capped_adjusted.value.before") as "rows_capped_adjusted.value.before.sum",
  sum("u"."rows_capped_adjusted.value" * "u"."rows_capped_adjusted.value") as "rows_capped_adjusted.value.square",
  sum("u"."rows_capped_adjusted.value.before" * "u"."rows_capped_adjusted.value") as "rows_capped_adjusted.value by value.before",
  sum("u"."rows_capped_adjusted.value.before" * "u"."rows_capped_adjusted.value.before") as "rows_capped_adjusted.value.before.square",
  sum("u"."rows_capped_adjusted.before") as "rows_capped_adjusted.with_before",
  sum("u"."rows_capped_adjusted.value.uncapped") as "rows_capped_adjusted.value.uncapped_sum",
  sum("u"."rows_capped_adjusted.value.uncapped" * "u"."rows_capped_adjusted.value.uncapped") as "rows_capped_adjusted.value.uncapped_square",
  count(case when "u"."rows_capped_adjusted.value" is not null and ("u"."rows_capped_adjusted.value.cut" > 0) then 1 end) as "rows_capped_adjusted.capped",
  min(case when "u"."rows_capped_adjusted.value" is not null then "u"."rows_capped_adjusted.value.least" end) as "rows_capped_adjusted.minimum",
  max(case when "u"."rows_capped_adjusted.value" is not null then "u"."rows_capped_adjusted.value.greatest" end) as "rows_capped_adjusted.maximum",
  count(case when "u"."rows_capped_adjusted.value" <> 0e0 then 1 end) as "rows_capped_adjusted.with_value",
  sum("u"."rows_capped_adjusted.value.invalid") as "rows_capped_adjusted.rows_capped_adjusted.value.invalid",
  count("u"."spent_50_adjusted.value") as "spent_50_adjusted.units",
  sum("u"."spent_50_adjusted.value") as "spent_50_adjusted.value.sum",
  sum("u"."spent_50_adjusted.value.before") as "spent_50_adjusted.value.before.sum",
  sum("u"."spent_50_adjusted.value.before" * "u"."spent_50_adjusted.value") as "spent_50_adjusted.value by value.before",
  sum("u"."spent_50_adjusted.before") as "spent_50_adjusted.with_before",
  count(case when "u"."spent_50_adjusted.value" <> 0e0 then 1 end) as "spent_50_adjusted.with_value",
  sum("u"."rows_capped_adjusted.value.uncapped.invalid") as "spent_50_adjusted.rows_capped_adjusted.value.uncapped.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-17 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
