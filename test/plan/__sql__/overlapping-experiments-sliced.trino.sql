with
-- the variants as configured
"configured" as (
select * from (values
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(0 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(1 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6))),
  (cast(? as varchar), cast(? as varchar), cast(2 as smallint), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)), cast(? as timestamp(6)))
) as c ("experiment", "variant", "arm", "enrol_from", "enrol_until", "observed_until", "measured_until")
),
-- assignments with a known unit and a configured variant, inside the enrolment period
"assigned" as (
select
  "c"."experiment",
  "s"."__unit" as "unit",
  "c"."arm",
  "s"."__at" as "assigned_at",
  "s"."dim_country",
  "s"."dim_platform",
  "s"."dim_age",
  "s"."dim_rating",
  "s"."dim_member",
  "s"."dim_birthday",
  "s"."dim_joined",
  "c"."observed_until",
  "c"."measured_until"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in (?, ?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as s
join configured as c on "c"."experiment" = "s"."__experiment" and "c"."variant" = "s"."__variant"
where "s"."__unit" is not null and ("c"."enrol_from" is null or "s"."__at" >= "c"."enrol_from") and "s"."__at" < "c"."enrol_until"
),
-- each unit's assignments in order
"ranked" as (
select *, row_number() over (partition by "experiment", "unit" order by "assigned_at", "arm", "dim_country", "dim_platform", "dim_age", "dim_rating", "dim_member", "dim_birthday", "dim_joined") as "position"
from assigned
),
-- first exposure of each unit
"exposures" as (
select
  "experiment",
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform",
  min("observed_until") as "observed_until",
  min("measured_until") as "measured_until"
from ranked
group by "experiment", "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__dim_platform") as "dim_platform",
  any_value("x"."__observed_until") as "observed_until",
  any_value("x"."__measured_until") as "measured_until",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end) as "orders.value"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and ((event_name = 'purchase'))
) as f
right join (select "experiment" as "__experiment", "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_platform" as "__dim_platform", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < "x"."__observed_until" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- what each unit did in sent
"facts_sent" as (
select
  "x"."__experiment" as "experiment",
  "x"."__exposed_unit" as "unit",
  sum(case when (event_name = 'purchase') then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "sent_revenue.value"
from (select "experiment" as "__experiment", "unit" as "__exposed_unit", "exposed_at" as "__exposed_at", "observed_until" as "__observed_until", "measured_until" as "__measured_until" from exposures) as x
join (
  select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at" from "shop"."events" as s where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast(? as timestamp(6)) and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" < "x"."__observed_until" and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second
group by "x"."__experiment", "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."experiment",
  "x"."arm",
  case when "x"."dim_platform" = cast(? as varchar) then ? when "x"."dim_platform" = cast(? as varchar) then ? else cast(? as bigint) end as "slice",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("x"."orders.value" as double), 0e0) end as "orders.value",
  case when "x"."exposed_at" + interval '604800' second <= "x"."observed_until" then coalesce(cast("facts_sent"."sent_revenue.value" as double), 0e0) end as "sent_revenue.value"
from "facts_events" as x
left join "facts_sent" on "facts_sent"."experiment" = "x"."experiment" and "facts_sent"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."experiment",
  "u"."arm",
  "u"."slice",
  count(*) as "exposed",
  count("u"."orders.value") as "orders.units",
  sum("u"."orders.value") as "orders.value.sum",
  sum("u"."orders.value" * "u"."orders.value") as "orders.value.square",
  count("u"."sent_revenue.value") as "sent_revenue.units",
  sum("u"."sent_revenue.value") as "sent_revenue.value.sum",
  sum("u"."sent_revenue.value" * "u"."sent_revenue.value") as "sent_revenue.value.square"
from units as u
group by "u"."experiment", "u"."arm", "u"."slice"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm" and "c"."experiment" = "r"."experiment"
order by "r"."experiment", "r"."arm", "r"."slice"
-- parameters: ["checkout","control","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","checkout","treatment","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-03 00:00:00.000000","pricing","a","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","b","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","pricing","c","2026-03-25 00:00:00.000000","2026-04-08 00:00:00.000000","2026-12-01 00:00:00.000000","2026-04-08 00:00:00.000000","checkout","pricing","2026-03-20 00:00:00.000000","2026-04-08 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-15 00:00:00.000000","2026-03-19 00:00:00.000000","2026-04-15 00:00:00.000000","2026-03-20 00:00:00.000000","ios",0,"web",1,2]
