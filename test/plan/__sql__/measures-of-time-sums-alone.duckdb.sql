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
  case when min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 0 end, case when (event_name = 'view') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 1 end, case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 2 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'view') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second)))), lambda e: [e]), lambda s, e: [case when e[1] % 3 = 0 then e[1] - e[1] % 3 else s[1] end, case when e[1] % 3 = 1 and s[1] is not null and e[1] - e[1] % 3 - s[1] <= 777600000000 then e[1] - e[1] % 3 else s[2] end, case when e[1] % 3 = 2 and s[2] is not null and e[1] - e[1] % 3 - s[2] <= 648000000000 then e[1] - e[1] % 3 else s[3] end], [cast(null as bigint), cast(null as bigint), cast(null as bigint)])[3] is not null) then 1 else 0 end end as "came_back.value",
  (cast(epoch_us(min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) as double) - cast(epoch_us(min("x"."__exposed_at")) as double)) / 3600000000e0 as "hours_to_purchase.value",
  (0e0 - max(case when "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", 0e0 - case when isfinite(cast((amount) as double)) then cast((amount) as double) end) end)[2]) as "last_amount.value",
  count(case when (event_name = 'purchase') and "f"."__at" < cast($8 as timestamp) then 1 end) as "open_few_orders.value",
  sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "spent_under_80.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($9 as timestamp) at time zone 'UTC') and "event_at" < (cast($10 as timestamp) at time zone 'UTC')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "facts_events"."came_back.value" > 0 then 1e0 end as "came_back.value",
  coalesce(cast("facts_events"."hours_to_purchase.value" as double), 168e0) as "hours_to_purchase.value",
  cast("facts_events"."last_amount.value" as double) as "last_amount.value",
  case when coalesce(cast("facts_events"."open_few_orders.value" as double), 0e0) <= 1e0 then 1e0 end as "open_few_orders.value",
  case when coalesce(cast("facts_events"."hours_to_purchase.value" as double), 168e0) < 48e0 then 1e0 else 0e0 end as "quick.value",
  case when coalesce(cast("facts_events"."spent_under_80.value" as double), 0e0) < 80e0 then 1e0 end as "spent_under_80.value"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "came_back.units",
  sum("u"."came_back.value") as "came_back.value.sum",
  count(*) as "hours_to_purchase.units",
  sum("u"."hours_to_purchase.value") as "hours_to_purchase.value.sum",
  sum("u"."hours_to_purchase.value" * "u"."hours_to_purchase.value") as "hours_to_purchase.value.square",
  count(*) as "last_amount.units",
  sum("u"."last_amount.value") as "last_amount.value.sum",
  sum("u"."last_amount.value" * "u"."last_amount.value") as "last_amount.value.square",
  count(*) as "open_few_orders.units",
  sum("u"."open_few_orders.value") as "open_few_orders.value.sum",
  count(*) as "quick.units",
  sum("u"."quick.value") as "quick.value.sum",
  count(*) as "spent_under_80.units",
  sum("u"."spent_under_80.value") as "spent_under_80.value.sum"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-17 00:00:00.000000"]
