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
  count(case when "f"."before_visit_adjusted.value.exists" and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "before_visit_adjusted.value",
  count(case when "f"."before_visit_adjusted.value.exists" and "f"."__at" < "x"."__exposed_at" + interval '-86400' second and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then 1 end) as "before_visit_adjusted.value.before",
  count(case when (event_name = 'purchase') and "f"."open_orders_before_visit.value.exists" and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_orders_before_visit.value",
  count(case when (event_name = 'purchase') and "f"."before_visit_adjusted.value.exists" and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "orders_before_visit.value",
  count(case when (event_name = 'purchase') and "f"."refunded.value.exists" and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "refunded.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at", coalesce("e0"."__before_visit_adjusted.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__before_visit_adjusted.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "before_visit_adjusted.value.exists", coalesce("e0"."__open_orders_before_visit.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__open_orders_before_visit.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "open_orders_before_visit.value.exists", coalesce("e1"."__refunded.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e1"."__refunded.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '2700' second, false) as "refunded.value.exists"
  from "shop"."events" as s
  left join (
    select "__key", "__piece", max(case when "__before" = 0 then "__at" end) as "__before_visit_adjusted.value.exists.latest",
  min(case when "__before" = 1 then "__at" end) as "__before_visit_adjusted.value.exists.earliest",
  max(case when "__before" = 0 then "__at" end) as "__open_orders_before_visit.value.exists.latest",
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
  left join (
    select "__key", "__piece", max(case when (event_name = 'refund') and "__before" = 0 then "__at" end) as "__refunded.value.exists.latest",
  min(case when (event_name = 'refund') and "__before" = 1 then "__at" end) as "__refunded.value.exists.earliest"
    from (
      select k.*, cast(floor(round(to_unixtime("k"."__at") * 1e6) / 2700000000e0) as bigint) - d."__before" as "__piece", d."__before"
      from (select o.*, "user_id" as "__key" from (
    select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at" from "shop"."events" as s where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast(? as timestamp(6)) and ((event_name = 'refund'))
    ) as o) as k
      cross join (values (0), (1)) as d ("__before")
      where "k"."__key" is not null
    ) as p
    group by "__key", "__piece"
  ) as "e1" on "e1"."__key" = "user_id" and "e1"."__piece" = cast(floor(round(to_unixtime(cast("event_at" at time zone 'UTC' as timestamp(6))) * 1e6) / 2700000000e0) as bigint)
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-432000' second
group by "x"."__exposed_unit"
),
-- what each unit did in sent
"facts_sent" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when "f"."sent_with_visit.value.exists" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "sent_with_visit.value",
  count(case when "f"."sent_with_visit.value.exists" and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "sent_with_visit.value.invalid"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at", coalesce("e0"."__sent_with_visit.value.exists" > 0, false) as "sent_with_visit.value.exists" from "shop"."events" as s
  left join (
    select "__key", count(case when true then 1 end) as "__sent_with_visit.value.exists"
    from (select o.*, nullif("user", '') as "__key" from (
    select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
    ) as o) as k
    where "__key" is not null
    group by "__key"
  ) as "e0" on "e0"."__key" = nullif(cast("user_id" as varchar), '') where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast(? as timestamp(6))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."before_visit_adjusted.value" as double), 0e0) end as "before_visit_adjusted.value",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."before_visit_adjusted.value.before" as double), 0e0) end as "before_visit_adjusted.value.before",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then case when "x"."before_visit_adjusted.value.before" > 0 then 1e0 else 0e0 end end as "before_visit_adjusted.before",
  cast("x"."open_orders_before_visit.value" as double) as "open_orders_before_visit.value",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders_before_visit.value" as double), 0e0) end as "orders_before_visit.value",
  case when "x"."exposed_at" + interval '607500' second <= cast(? as timestamp(6)) then case when "x"."refunded.value" > 0 then 1e0 else 0e0 end end as "refunded.value",
  cast("facts_sent"."sent_with_visit.value" as double) as "sent_with_visit.value",
  coalesce("facts_sent"."sent_with_visit.value.invalid", 0) as "sent_with_visit.value.invalid"
from "facts_events" as x
left join "facts_sent" on "facts_sent"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."before_visit_adjusted.value") as "before_visit_adjusted.units",
  sum("u"."before_visit_adjusted.value") as "before_visit_adjusted.value.sum",
  sum("u"."before_visit_adjusted.value.before") as "before_visit_adjusted.value.before.sum",
  sum("u"."before_visit_adjusted.value" * "u"."before_visit_adjusted.value") as "before_visit_adjusted.value.square",
  sum("u"."before_visit_adjusted.value.before" * "u"."before_visit_adjusted.value") as "before_visit_adjusted.value by value.before",
  sum("u"."before_visit_adjusted.value.before" * "u"."before_visit_adjusted.value.before") as "before_visit_adjusted.value.before.square",
  sum("u"."before_visit_adjusted.before") as "before_visit_adjusted.with_before",
  count(case when "u"."before_visit_adjusted.value" <> 0e0 then 1 end) as "before_visit_adjusted.with_value",
  count(*) as "open_orders_before_visit.units",
  sum("u"."open_orders_before_visit.value") as "open_orders_before_visit.value.sum",
  sum("u"."open_orders_before_visit.value" * "u"."open_orders_before_visit.value") as "open_orders_before_visit.value.square",
  count(case when "u"."open_orders_before_visit.value" <> 0e0 then 1 end) as "open_orders_before_visit.with_value",
  count("u"."orders_before_visit.value") as "orders_before_visit.units",
  sum("u"."orders_before_visit.value") as "orders_before_visit.value.sum",
  sum("u"."orders_before_visit.value" * "u"."orders_before_visit.value") as "orders_before_visit.value.square",
  count(case when "u"."orders_before_visit.value" <> 0e0 then 1 end) as "orders_before_visit.with_value",
  count("u"."refunded.value") as "refunded.units",
  sum("u"."refunded.value") as "refunded.value.sum",
  count(case when "u"."refunded.value" <> 0e0 then 1 end) as "refunded.with_value",
  count(*) as "sent_with_visit.units",
  sum("u"."sent_with_visit.value") as "sent_with_visit.value.sum",
  sum("u"."sent_with_visit.value" * "u"."sent_with_visit.value") as "sent_with_visit.value.square",
  count(case when "u"."sent_with_visit.value" <> 0e0 then 1 end) as "sent_with_visit.with_value",
  sum("u"."sent_with_visit.value.invalid") as "sent_with_visit.sent_with_visit.value.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-15 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-14 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-15 00:00:00.000000","2026-03-15 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-19 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-20 00:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]
