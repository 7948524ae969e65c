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
  count(case when (event_name = 'purchase') and "f"."orders_before_visit.value.exists" and "f"."__unit" is not null then 1 end) as "orders_before_visit.value",
  count(case when (event_name = 'purchase') and "f"."orders_of_pros.value.exists" and "f"."__unit" is not null then 1 end) as "orders_of_pros.value",
  count(case when "f"."share_before_long_visit.numerator.exists" and "f"."__unit" is not null then 1 end) as "share_before_long_visit.numerator",
  count(case when "f"."__unit" is not null then 1 end) as "share_before_long_visit.denominator",
  sum(case when "f"."share_before_visits.numerator.exists" and "f"."__unit" is not null then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "share_before_visits.numerator",
  count(case when "f"."share_before_visits.numerator.exists" and "f"."__unit" is not null and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "share_before_visits.numerator.invalid",
  count(case when "f"."orders_before_visit.value.exists" and "f"."__unit" is not null then 1 end) as "share_before_visits.denominator"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at", coalesce("e0"."__orders_before_visit.value.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__orders_before_visit.value.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "orders_before_visit.value.exists", coalesce("e0"."__share_before_visits.numerator.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e0"."__share_before_visits.numerator.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '86400' second, false) as "share_before_visits.numerator.exists", coalesce("e1"."__orders_of_pros.value.exists" > 0, false) as "orders_of_pros.value.exists", coalesce("e2"."__share_before_long_visit.numerator.exists.latest" >= cast("event_at" at time zone 'UTC' as timestamp(6)), false) or coalesce("e2"."__share_before_long_visit.numerator.exists.earliest" <= cast("event_at" at time zone 'UTC' as timestamp(6)) + interval '108000' second, false) as "share_before_long_visit.numerator.exists"
  from "shop"."events" as s
  left join (
    select "__key", "__piece", max(case when "__before" = 0 then "__at" end) as "__orders_before_visit.value.exists.latest",
  min(case when "__before" = 1 then "__at" end) as "__orders_before_visit.value.exists.earliest",
  max(case when (seconds > 100) and "__before" = 0 then "__at" end) as "__share_before_visits.numerator.exists.latest",
  min(case when (seconds > 100) and "__before" = 1 then "__at" end) as "__share_before_visits.numerator.exists.earliest"
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
    select "__key", count(case when (plan = 'pro') then 1 end) as "__orders_of_pros.value.exists"
    from (select o.*, "user_id" as "__key" from (
    select s.*, "user_id" as "__unit"
  from "shop"."profiles" as s
  where ((plan = 'pro'))
    ) as o) as k
    where "__key" is not null
    group by "__key"
  ) as "e1" on "e1"."__key" = "user_id"
  left join (
    select "__key", "__piece", max(case when (seconds > 300) and "__before" = 0 then "__at" end) as "__share_before_long_visit.numerator.exists.latest",
  min(case when (seconds > 300) and "__before" = 1 then "__at" end) as "__share_before_long_visit.numerator.exists.earliest"
    from (
      select k.*, cast(floor(round(to_unixtime("k"."__at") * 1e6) / 108000000000e0) as bigint) - d."__before" as "__piece", d."__before"
      from (select o.*, nullif("user", '') as "__key" from (
    select s.*, nullif("user", '') as "__unit", cast("visited_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."visits" as s
  where "visited_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((seconds > 300))
    ) as o) as k
      cross join (values (0), (1)) as d ("__before")
      where "k"."__key" is not null
    ) as p
    group by "__key", "__piece"
  ) as "e2" on "e2"."__key" = nullif(cast("user_id" as varchar), '') and "e2"."__piece" = cast(floor(round(to_unixtime(cast("event_at" at time zone 'UTC' as timestamp(6))) * 1e6) / 108000000000e0) as bigint)
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders_before_visit.value" as double), 0e0) end as "orders_before_visit.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."orders_of_pros.value" as double), 0e0) end as "orders_of_pros.value",
  case when "x"."exposed_at" + interval '712800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."share_before_long_visit.numerator" as double), 0e0) end as "share_before_long_visit.numerator",
  case when "x"."exposed_at" + interval '712800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."share_before_long_visit.denominator" as double), 0e0) end as "share_before_long_visit.denominator",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."share_before_visits.numerator" as double), 0e0) end as "share_before_visits.numerator",
  case when "x"."exposed_at" + interval '691200' second <= cast(? as timestamp(6)) then coalesce(cast("x"."share_before_visits.denominator" as double), 0e0) end as "share_before_visits.denominator",
  coalesce("x"."share_before_visits.numerator.invalid", 0) as "share_before_visits.numerator.invalid"
from "facts_events" as x
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."orders_before_visit.value") as "orders_before_visit.units",
  sum("u"."orders_before_visit.value") as "orders_before_visit.value.sum",
  sum("u"."orders_before_visit.value" * "u"."orders_before_visit.value") as "orders_before_visit.value.square",
  count(case when "u"."orders_before_visit.value" <> 0e0 then 1 end) as "orders_before_visit.with_value",
  count("u"."orders_of_pros.value") as "orders_of_pros.units",
  sum("u"."orders_of_pros.value") as "orders_of_pros.value.sum",
  sum("u"."orders_of_pros.value" * "u"."orders_of_pros.value") as "orders_of_pros.value.square",
  count(case when "u"."orders_of_pros.value" <> 0e0 then 1 end) as "orders_of_pros.with_value",
  count("u"."share_before_long_visit.numerator") as "share_before_long_visit.units",
  sum("u"."share_before_long_visit.numerator") as "share_before_long_visit.numerator.sum",
  sum("u"."share_before_long_visit.denominator") as "share_before_long_visit.denominator.sum",
  sum("u"."share_before_long_visit.numerator" * "u"."share_before_long_visit.numerator") as "share_before_long_visit.numerator.square",
  sum("u"."share_before_long_visit.denominator" * "u"."share_before_long_visit.numerator") as "share_before_long_visit.cross",
  sum("u"."share_before_long_visit.denominator" * "u"."share_before_long_visit.denominator") as "share_before_long_visit.denominator.square",
  count(case when "u"."share_before_long_visit.numerator" <> 0e0 then 1 end) as "share_before_long_visit.with_value",
  count("u"."share_before_visits.numerator") as "share_before_visits.units",
  sum("u"."share_before_visits.numerator") as "share_before_visits.numerator.sum",
  sum("u"."share_before_visits.denominator") as "share_before_visits.denominator.sum",
  sum("u"."share_before_visits.numerator" * "u"."share_before_visits.numerator") as "share_before_visits.numerator.square",
  sum("u"."share_before_visits.denominator" * "u"."share_before_visits.numerator") as "share_before_visits.cross",
  sum("u"."share_before_visits.denominator" * "u"."share_before_visits.denominator") as "share_before_visits.denominator.square",
  count(case when "u"."share_before_visits.numerator" <> 0e0 then 1 end) as "share_before_visits.with_value",
  sum("u"."share_before_visits.numerator.invalid") as "share_before_visits.share_before_visits.numerator.invalid"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-12-01 00:00:00.000000","2026-03-20 00:00:00.000000","2026-12-01 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
