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
  case when min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then "f"."__at" end) then case when coalesce(reduce(array_sort(concat(coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 0) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6))), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 1) filter (where (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6))), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 2) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6))), array[]))), array[cast(null as bigint), cast(null as bigint), cast(null as bigint)], (s, e) -> array[case when e % 3 = 0 then e - e % 3 else s[1] end, case when e % 3 = 1 and s[1] is not null then e - e % 3 else s[2] end, case when e % 3 = 2 and s[2] is not null then e - e % 3 else s[3] end], s -> s[3] is not null), false) then 1 else 0 end end as "open_path.value",
  case when min(case when (amount > 50) and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (true) and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when coalesce(reduce(array_sort(concat(coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 0) filter (where (amount > 50) and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 1) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 2) filter (where (true) and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]))), array[cast(null as bigint), cast(null as bigint), cast(null as bigint)], (s, e) -> array[case when e % 3 = 0 then e - e % 3 else s[1] end, case when e % 3 = 1 and s[1] is not null and e - e % 3 - s[1] <= 54000000000 then e - e % 3 else s[2] end, case when e % 3 = 2 and s[2] is not null then e - e % 3 else s[3] end], s -> s[3] is not null), false) then 1 else 0 end end as "path_of_anything.value",
  case when min(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when coalesce(reduce(array_sort(concat(coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 2 + 0) filter (where (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 2 + 1) filter (where (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '1209600' second), array[]))), array[cast(null as bigint), cast(null as bigint)], (s, e) -> array[case when e % 2 = 0 then e - e % 2 else s[1] end, case when e % 2 = 1 and s[1] is not null and e - e % 2 - s[1] <= 259200000000 then e - e % 2 else s[2] end], s -> s[2] is not null), false) then 1 else 0 end end as "refunded_soon.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase') or (event_name = 'view') or (event_name = 'refund') or (amount > 50) or (true))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '1209600' second <= cast(? as timestamp(6)) then case when "x"."came_back.value" > 0 then 1e0 else 0e0 end end as "came_back.value",
  case when "x"."open_path.value" > 0 then 1e0 end as "open_path.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast(? as timestamp(6)) then case when "x"."path_of_anything.value" > 0 then 1e0 else 0e0 end end as "path_of_anything.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast(? as timestamp(6)) then case when "x"."refunded_soon.value" > 0 then 1e0 else 0e0 end end as "refunded_soon.value"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."came_back.value") as "came_back.units",
  sum("u"."came_back.value") as "came_back.value.sum",
  count(case when "u"."came_back.value" <> 0e0 then 1 end) as "came_back.with_value",
  count(*) as "open_path.units",
  sum("u"."open_path.value") as "open_path.value.sum",
  count(case when "u"."open_path.value" <> 0e0 then 1 end) as "open_path.with_value",
  count("u"."path_of_anything.value") as "path_of_anything.units",
  sum("u"."path_of_anything.value") as "path_of_anything.value.sum",
  count(case when "u"."path_of_anything.value" <> 0e0 then 1 end) as "path_of_anything.with_value",
  count("u"."refunded_soon.value") as "refunded_soon.units",
  sum("u"."refunded_soon.value") as "refunded_soon.value.sum",
  count(case when "u"."refunded_soon.value" <> 0e0 then 1 end) as "refunded_soon.with_value"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-17 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
