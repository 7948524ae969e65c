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
  case when min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when coalesce(reduce(array_sort(concat(coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 0) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 1) filter (where (event_name = 'view') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 2) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]))), array[cast(null as bigint), cast(null as bigint), cast(null as bigint)], (s, e) -> array[case when e % 3 = 0 then e - e % 3 else s[1] end, case when e % 3 = 1 and s[1] is not null and e - e % 3 - s[1] <= 777600000000 then e - e % 3 else s[2] end, case when e % 3 = 2 and s[2] is not null and e - e % 3 - s[2] <= 648000000000 then e - e % 3 else s[3] end], s -> s[3] is not null), false) then 1 else 0 end end as "came_back.value",
  (round(to_unixtime(min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then "f"."__at" end)) * 1e6) - round(to_unixtime(min("x"."__exposed_at")) * 1e6)) / 3600000000e0 as "hours_to_purchase.value",
  (0e0 - max(case when "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is not null then row("f"."__at", 0e0 - case when is_finite(cast((amount) as double)) then cast((amount) as double) end) end)[2]) as "last_amount.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_few_orders.value",
  sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "spent_under_80.value"
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
  case when "x"."came_back.value" > 0 then 1e0 end as "came_back.value",
  coalesce(cast("x"."hours_to_purchase.value" as double), 168e0) as "hours_to_purchase.value",
  cast("x"."last_amount.value" as double) as "last_amount.value",
  case when coalesce(cast("x"."open_few_orders.value" as double), 0e0) <= 1e0 then 1e0 end as "open_few_orders.value",
  case when coalesce(cast("x"."hours_to_purchase.value" as double), 168e0) < 48e0 then 1e0 else 0e0 end as "quick.value",
  case when coalesce(cast("x"."spent_under_80.value" as double), 0e0) < 80e0 then 1e0 end as "spent_under_80.value"
from "facts_events" as x
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
