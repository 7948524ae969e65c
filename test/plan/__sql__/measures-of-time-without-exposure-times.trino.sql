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
  "c"."arm"
from (
  select
  "user_id" as "__unit",
  nullif("variant", '') as "__variant"
  from "shop"."untimed" as s
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- first exposure of each unit
"exposures" as (
select
  "unit",
  min("arm") as "arm"
from assigned
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  min(case when "f"."__unit" is not null and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end is not null then row("f"."__at", case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end) end)[2] as "first_raw.value",
  count(case when "f"."__unit" is not null and (raw_amount) is not null and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end is null then 1 end) as "first_raw.value.invalid",
  count(case when "f"."__unit" is not null and case when is_finite(case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end) then case when regexp_like((raw_amount), '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*$') then try_cast((raw_amount) as double) end end < 0e0 then 1 end) as "first_raw.value.below",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null then 1 end) as "open_few_orders.value",
  count(case when (event_name = 'purchase') and "f"."open_orders_before_visit.value.exists" and "f"."__unit" is not null then 1 end) as "open_orders_before_visit.value",
  case when min(case when (event_name = 'purchase') and "f"."__unit" is not null then "f"."__at" end) <= max(case when (event_name = 'purchase') and "f"."__unit" is not null then "f"."__at" end) then case when coalesce(reduce(array_sort(concat(coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 0) filter (where (event_name = 'purchase') and "f"."__unit" is not null), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 1) filter (where (event_name = 'refund') and "f"."__unit" is not null), array[]), coalesce(array_agg(cast(round(to_unixtime("f"."__at") * 1e6) as bigint) * 3 + 2) filter (where (event_name = 'purchase') and "f"."__unit" is not null), array[]))), array[cast(null as bigint), cast(null as bigint), cast(null as bigint)], (s, e) -> array[case when e % 3 = 0 then e - e % 3 else s[1] end, case when e % 3 = 1 and s[1] is not null then e - e % 3 else s[2] end, case when e % 3 = 2 and s[2] is not null then e - e % 3 else s[3] end], s -> s[3] is not null), false) then 1 else 0 end end as "open_path.value",
  count(distinct case when (event_name = 'purchase') and "f"."__unit" is not null then floor(round(to_unixtime("f"."__at") * 1e6) / 86400000000e0) end) as "shopping_days.value"
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
  where "visited_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
    ) as o) as k
      cross join (values (0), (1)) as d ("__before")
      where "k"."__key" is not null
    ) as p
    group by "__key", "__piece"
  ) as "e0" on "e0"."__key" = nullif(cast("user_id" as varchar), '') and "e0"."__piece" = cast(floor(round(to_unixtime(cast("event_at" at time zone 'UTC' as timestamp(6))) * 1e6) / 86400000000e0) as bigint)
  where "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm" from exposures) as x on "f"."__unit" = "x"."__exposed_unit"
group by "x"."__exposed_unit"
),
-- what each unit did in sent
"facts_sent" as (
select
  "x"."__exposed_unit" as "unit",
  sum(case when "f"."sent_with_visit.value.exists" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) as "sent_with_visit.value",
  count(case when "f"."sent_with_visit.value.exists" and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "sent_with_visit.value.invalid"
from (select "unit" as "__exposed_unit" from exposures) as x
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
  ) as "e0" on "e0"."__key" = nullif(cast("user_id" as varchar), '') where "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second)
) as f on "f"."__unit" = "x"."__exposed_unit"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  cast("x"."first_raw.value" as double) as "first_raw.value",
  case when coalesce(cast("x"."open_few_orders.value" as double), 0e0) <= 1e0 then 1e0 end as "open_few_orders.value",
  cast("x"."open_orders_before_visit.value" as double) as "open_orders_before_visit.value",
  case when "x"."open_path.value" > 0 then 1e0 end as "open_path.value",
  cast("facts_sent"."sent_with_visit.value" as double) as "sent_with_visit.value",
  cast("x"."shopping_days.value" as double) as "shopping_days.value",
  coalesce("x"."first_raw.value.invalid", 0) as "first_raw.value.invalid",
  coalesce("x"."first_raw.value.below", 0) as "first_raw.value.below",
  coalesce("facts_sent"."sent_with_visit.value.invalid", 0) as "sent_with_visit.value.invalid"
from "facts_events" as x
left join "facts_sent" on "facts_sent"."unit" = "x"."unit"
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."first_raw.value") as "first_raw.units",
  sum("u"."first_raw.value") as "first_raw.value.sum",
  sum("u"."first_raw.value" * "u"."first_raw.value") as "first_raw.value.square",
  count("u"."first_raw.value") as "first_raw.with_value",
  sum("u"."first_raw.value.invalid") as "first_raw.first_raw.value.invalid",
  sum("u"."first_raw.value.below") as "first_raw.first_raw.value.below",
  count(*) as "open_few_orders.units",
  sum("u"."open_few_orders.value") as "open_few_orders.value.sum",
  count(case when "u"."open_few_orders.value" <> 0e0 then 1 end) as "open_few_orders.with_value",
  count(*) as "open_orders_before_visit.units",
  sum("u"."open_orders_before_visit.value") as "open_orders_before_visit.value.sum",
  sum("u"."open_orders_before_visit.value" * "u"."open_orders_before_visit.value") as "open_orders_before_visit.value.square",
  count(case when "u"."open_orders_before_visit.value" <> 0e0 then 1 end) as "open_orders_before_visit.with_value",
  count(*) as "open_path.units",
  sum("u"."open_path.value") as "open_path.value.sum",
  count(case when "u"."open_path.value" <> 0e0 then 1 end) as "open_path.with_value",
  count(*) as "sent_with_visit.units",
  sum("u"."sent_with_visit.value") as "sent_with_visit.value.sum",
  sum("u"."sent_with_visit.value" * "u"."sent_with_visit.value") as "sent_with_visit.value.square",
  count(case when "u"."sent_with_visit.value" <> 0e0 then 1 end) as "sent_with_visit.with_value",
  sum("u"."sent_with_visit.value.invalid") as "sent_with_visit.sent_with_visit.value.invalid",
  count(*) as "shopping_days.units",
  sum("u"."shopping_days.value") as "shopping_days.value.sum",
  sum("u"."shopping_days.value" * "u"."shopping_days.value") as "shopping_days.value.square",
  count(case when "u"."shopping_days.value" <> 0e0 then 1 end) as "shopping_days.with_value"
from units as u
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["untimed","control","untimed","treatment","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
