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
  case when min(case when (event_name = 'purchase') and "f"."__at" < cast($8 as timestamp) then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__at" < cast($9 as timestamp) then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" < cast($10 as timestamp) then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 0 end, case when (event_name = 'refund') and "f"."__at" < cast($11 as timestamp) then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 1 end, case when (event_name = 'purchase') and "f"."__at" < cast($12 as timestamp) then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 2 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" < cast($13 as timestamp)) or ((event_name = 'refund') and "f"."__at" < cast($14 as timestamp)) or ((event_name = 'purchase') and "f"."__at" < cast($15 as timestamp))))), lambda e: [e]), lambda s, e: [case when e[1] % 3 = 0 then e[1] - e[1] % 3 else s[1] end, case when e[1] % 3 = 1 and s[1] is not null then e[1] - e[1] % 3 else s[2] end, case when e[1] % 3 = 2 and s[2] is not null then e[1] - e[1] % 3 else s[3] end], [cast(null as bigint), cast(null as bigint), cast(null as bigint)])[3] is not null) then 1 else 0 end end as "open_path.value",
  case when min(case when (amount > 50) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (true) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (amount > 50) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 0 end, case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 1 end, case when (true) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 3 + 2 end], lambda e: e is not null)) filter (where ((amount > 50) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((true) and "f"."__at" < "x"."__exposed_at" + interval '1209600' second)))), lambda e: [e]), lambda s, e: [case when e[1] % 3 = 0 then e[1] - e[1] % 3 else s[1] end, case when e[1] % 3 = 1 and s[1] is not null and e[1] - e[1] % 3 - s[1] <= 54000000000 then e[1] - e[1] % 3 else s[2] end, case when e[1] % 3 = 2 and s[2] is not null then e[1] - e[1] % 3 else s[3] end], [cast(null as bigint), cast(null as bigint), cast(null as bigint)])[3] is not null) then 1 else 0 end end as "path_of_anything.value",
  case when min(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) <= max(case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then "f"."__at" end) then case when (list_reduce(list_transform(list_sort(flatten(list(list_filter([case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 0 end, case when (event_name = 'refund') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second then cast(cast(epoch_us("f"."__at") as double) as bigint) * 2 + 1 end], lambda e: e is not null)) filter (where ((event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second) or ((event_name = 'refund') and "f"."__at" < "x"."__exposed_at" + interval '1209600' second)))), lambda e: [e]), lambda s, e: [case when e[1] % 2 = 0 then e[1] - e[1] % 2 else s[1] end, case when e[1] % 2 = 1 and s[1] is not null and e[1] - e[1] % 2 - s[1] <= 259200000000 then e[1] - e[1] % 2 else s[2] end], [cast(null as bigint), cast(null as bigint)])[2] is not null) then 1 else 0 end end as "refunded_soon.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($16 as timestamp) at time zone 'UTC') and "event_at" < (cast($17 as timestamp) at time zone 'UTC') and ((event_name = 'purchase') or (event_name = 'view') or (event_name = 'refund') or (amount > 50) or (true))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '1209600' second <= cast($18 as timestamp) then case when "facts_events"."came_back.value" > 0 then 1e0 else 0e0 end end as "came_back.value",
  case when "facts_events"."open_path.value" > 0 then 1e0 end as "open_path.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast($19 as timestamp) then case when "facts_events"."path_of_anything.value" > 0 then 1e0 else 0e0 end end as "path_of_anything.value",
  case when "x"."exposed_at" + interval '1209600' second <= cast($20 as timestamp) then case when "facts_events"."refunded_soon.value" > 0 then 1e0 else 0e0 end end as "refunded_soon.value"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
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
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-17 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
