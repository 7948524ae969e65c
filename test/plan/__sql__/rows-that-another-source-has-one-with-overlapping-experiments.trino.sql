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
  count(case when (event_name = 'purchase') and "f"."open_orders_before_visit.value.exists" and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_orders_before_visit.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "orders.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at", coalesce("e0"."__open_orders_before_visit.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__open_orders_before_visit.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "open_orders_before_visit.value.exists"
  from "shop"."events" as s
  left join (
    select "__key", "__piece", max(case when "__before" = 0 then "__at" end) as "__open_orders_before_visit.value.exists.latest",
  min(case when "__before" = 1 then "__at" end) as "__open_orders_before_visit.value.exists.earliest"
    from (
      select k.*, cast(floor(round(to_unixtime("k"."__at") * 1e6) / 86400000000e0) as bigint) - d."__before" as "__piece", d."__before"
      from (select o.*, nullif("user", '') as "__key" from (
    select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
    ) as o) as k
      cross join (values (0), (1)) as d ("__before")
      where "k"."__key" is not null
    ) as p
    group by "__key", "__piece"
  ) as "e0" on "e0"."__key" = nullif(cast("user_id" as varchar), '') and "e0"."__piece" = cast(floor(round(to_unixtime(cast("event_at" at time zone 'UTC' as timestamp(6))) * 1e6) / 86400000000e0) as bigint)
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  cast("x"."open_orders_before_visit.value" as double) as "open_orders_before_visit.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders.value" as double), 0e0) end as "orders.value"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "open_orders_before_visit.units",
  sum("u"."open_orders_before_visit.value") as "open_orders_before_visit.value.sum",
  sum("u"."open_orders_before_visit.value" * "u"."open_orders_before_visit.value") as "open_orders_before_visit.value.square",
  count("u"."orders.value") as "orders.units",
  sum("u"."orders.value") as "orders.value.sum",
  sum("u"."orders.value" * "u"."orders.value") as "orders.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000"]

with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint)),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint)),
  (cast(? as varchar), cast(? as varchar), cast(2 as smallint))
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
  count(case when (event_name = 'purchase') and "f"."open_orders_before_visit.value.exists" and "f"."__unit" is not null and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_orders_before_visit.value",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "orders.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at", coalesce("e0"."__open_orders_before_visit.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__open_orders_before_visit.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "open_orders_before_visit.value.exists"
  from "shop"."events" as s
  left join (
    select "__key", "__piece", max(case when "__before" = 0 then "__at" end) as "__open_orders_before_visit.value.exists.latest",
  min(case when "__before" = 1 then "__at" end) as "__open_orders_before_visit.value.exists.earliest"
    from (
      select k.*, cast(floor(round(to_unixtime("k"."__at") * 1e6) / 86400000000e0) as bigint) - d."__before" as "__piece", d."__before"
      from (select o.*, nullif("user", '') as "__key" from (
    select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
    ) as o) as k
      cross join (values (0), (1)) as d ("__before")
      where "k"."__key" is not null
    ) as p
    group by "__key", "__piece"
  ) as "e0" on "e0"."__key" = nullif(cast("user_id" as varchar), '') and "e0"."__piece" = cast(floor(round(to_unixtime(cast("event_at" at time zone 'UTC' as timestamp(6))) * 1e6) / 86400000000e0) as bigint)
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  cast("x"."open_orders_before_visit.value" as double) as "open_orders_before_visit.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders.value" as double), 0e0) end as "orders.value"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count(*) as "open_orders_before_visit.units",
  sum("u"."open_orders_before_visit.value") as "open_orders_before_visit.value.sum",
  sum("u"."open_orders_before_visit.value" * "u"."open_orders_before_visit.value") as "open_orders_before_visit.value.square",
  count("u"."orders.value") as "orders.units",
  sum("u"."orders.value") as "orders.value.sum",
  sum("u"."orders.value" * "u"."orders.value") as "orders.value.square"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["pricing","a","pricing","b","pricing","c","pricing","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-04-08 00:00:00.000000","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-03-25 00:00:00.000000","2026-04-15 00:00:00.000000","2026-12-01 00:00:00.000000"]
