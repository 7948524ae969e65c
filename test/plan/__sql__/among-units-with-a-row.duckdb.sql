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
  "s"."__at" as "assigned_at",
  "s"."dim_country",
  "s"."dim_platform",
  "s"."dim_age",
  "s"."dim_rating",
  "s"."dim_member",
  "s"."dim_birthday",
  "s"."dim_joined"
from (
  select
  "experiment_id" as "__experiment",
  "user_id" as "__unit",
  nullif("variant", '') as "__variant",
  ("assigned_at" at time zone 'UTC') as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in ($5) and "assigned_at" >= (cast($6 as timestamp) at time zone 'UTC') and "assigned_at" < (cast($7 as timestamp) at time zone 'UTC')
) as s
join configured as c on "c"."variant" = "s"."__variant"
where "s"."__unit" is not null
),
-- each unit's assignments in order
"ranked" as (
select *, row_number() over (partition by "unit" order by "assigned_at", "arm", "dim_country", "dim_platform", "dim_age", "dim_rating", "dim_member", "dim_birthday", "dim_joined") as "position"
from assigned
),
-- first exposure of each unit
"exposures" as materialized (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_of_refunders.numerator",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_of_refunders.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_of_refunders.denominator",
  count(case when (event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_of_refunders.among",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast($8 as timestamp) then 1 end) as "open_orders_of_refunders.value",
  count(case when (event_name = 'refund') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast($9 as timestamp) then 1 end) as "open_orders_of_refunders.among",
  count(case when (event_name = 'view') and "f"."__at" < "x"."__exposed_at" then 1 end) as "revenue_of_viewers.among",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "revenue_of_viewers.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($10 as timestamp) at time zone 'UTC') and "event_at" < (cast($11 as timestamp) at time zone 'UTC') and event_name in ('purchase', 'refund', 'view')
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-432000' second
group by "x"."__exposed_unit"
),
-- what each unit did in sent
"facts_sent" as (
select
  "x"."__exposed_unit" as "unit",
  count(case when (event_name = 'view') then 1 end) as "orders_of_visitors.among"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select * from (
    select r.*, lag("__at") over (partition by "event_id" order by "__at", "__unit") as "__sent_before"
    from (select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at" from "shop"."events" as s where "event_at" >= (cast($12 as timestamp) at time zone 'UTC') and "event_at" < (cast($13 as timestamp) at time zone 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast($14 as timestamp) and ((event_name = 'view'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."dim_platform" = cast($15 as varchar) then $16 else cast($17 as bigint) end as "slice",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) and "facts_events"."aov_of_refunders.among" > 0 then coalesce(cast("facts_events"."aov_of_refunders.numerator" as double), 0e0) end as "aov_of_refunders.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast($19 as timestamp) and "facts_events"."aov_of_refunders.among" > 0 then coalesce(cast("facts_events"."aov_of_refunders.denominator" as double), 0e0) end as "aov_of_refunders.denominator",
  case when "facts_events"."open_orders_of_refunders.among" > 0 then coalesce(cast("facts_events"."open_orders_of_refunders.value" as double), 0e0) end as "open_orders_of_refunders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($20 as timestamp) then coalesce(cast("facts_events"."aov_of_refunders.denominator" as double), 0e0) end as "orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($21 as timestamp) and "facts_sent"."orders_of_visitors.among" > 0 then coalesce(cast("facts_events"."aov_of_refunders.denominator" as double), 0e0) end as "orders_of_visitors.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($22 as timestamp) and "facts_events"."revenue_of_viewers.among" > 0 then coalesce(cast("facts_events"."aov_of_refunders.numerator" as double), 0e0) end as "revenue_of_viewers.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($23 as timestamp) and "facts_events"."revenue_of_viewers.among" > 0 then coalesce(cast("facts_events"."revenue_of_viewers.value.before" as double), 0e0) end as "revenue_of_viewers.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($24 as timestamp) and "facts_events"."revenue_of_viewers.among" > 0 then case when "facts_events"."revenue_of_viewers.value.before" is not null then 1e0 else 0e0 end end as "revenue_of_viewers.before",
  coalesce("facts_events"."aov_of_refunders.numerator.invalid", 0) as "aov_of_refunders.numerator.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
left join "facts_sent" on "facts_sent"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "revenue_of_viewers.value" <> 0e0 then "revenue_of_viewers.value" end, 0.8e0) as "revenue_of_viewers.value.upper",
  min("revenue_of_viewers.value") as "revenue_of_viewers.value.minimum",
  max("revenue_of_viewers.value") as "revenue_of_viewers.value.maximum",
  quantile_cont(case when "revenue_of_viewers.value.before" <> 0e0 then "revenue_of_viewers.value.before" end, 0.8e0) as "revenue_of_viewers.value.before.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  "u"."slice",
  count(*) as "exposed",
  count("u"."aov_of_refunders.numerator") as "aov_of_refunders.units",
  sum("u"."aov_of_refunders.numerator") as "aov_of_refunders.numerator.sum",
  sum("u"."aov_of_refunders.denominator") as "aov_of_refunders.denominator.sum",
  sum("u"."aov_of_refunders.numerator" * "u"."aov_of_refunders.numerator") as "aov_of_refunders.numerator.square",
  sum("u"."aov_of_refunders.denominator" * "u"."aov_of_refunders.numerator") as "aov_of_refunders.cross",
  sum("u"."aov_of_refunders.denominator" * "u"."aov_of_refunders.denominator") as "aov_of_refunders.denominator.square",
  count(case when "u"."aov_of_refunders.numerator" <> 0e0 then 1 end) as "aov_of_refunders.with_value",
  sum("u"."aov_of_refunders.numerator.invalid") as "aov_of_refunders.aov_of_refunders.numerator.invalid",
  count("u"."open_orders_of_refunders.value") as "open_orders_of_refunders.units",
  sum("u"."open_orders_of_refunders.value") as "open_orders_of_refunders.value.sum",
  sum("u"."open_orders_of_refunders.value" * "u"."open_orders_of_refunders.value") as "open_orders_of_refunders.value.square",
  count(case when "u"."open_orders_of_refunders.value" <> 0e0 then 1 end) as "open_orders_of_refunders.with_value",
  count("u"."orders.value") as "orders.units",
  sum("u"."orders.value") as "orders.value.sum",
  sum("u"."orders.value" * "u"."orders.value") as "orders.value.square",
  count(case when "u"."orders.value" <> 0e0 then 1 end) as "orders.with_value",
  count("u"."orders_of_visitors.value") as "orders_of_visitors.units",
  sum("u"."orders_of_visitors.value") as "orders_of_visitors.value.sum",
  sum("u"."orders_of_visitors.value" * "u"."orders_of_visitors.value") as "orders_of_visitors.value.square",
  count(case when "u"."orders_of_visitors.value" <> 0e0 then 1 end) as "orders_of_visitors.with_value",
  count("u"."revenue_of_viewers.value") as "revenue_of_viewers.units",
  sum("u"."revenue_of_viewers.value") as "revenue_of_viewers.value.uncapped_sum",
  sum("u"."revenue_of_viewers.value" * "u"."revenue_of_viewers.value") as "revenue_of_viewers.value.uncapped_square",
  sum("u"."revenue_of_viewers.before") as "revenue_of_viewers.with_before",
  count(case when "u"."revenue_of_viewers.value" <> 0e0 then 1 end) as "revenue_of_viewers.with_value",
  sum("u"."aov_of_refunders.numerator.invalid") as "revenue_of_viewers.aov_of_refunders.numerator.invalid",
  sum(case when "u"."revenue_of_viewers.value" > "c"."revenue_of_viewers.value.upper" then "c"."revenue_of_viewers.value.upper" else "u"."revenue_of_viewers.value" end) as "revenue_of_viewers.value.sum",
  sum(case when "u"."revenue_of_viewers.value.before" > "c"."revenue_of_viewers.value.before.upper" then "c"."revenue_of_viewers.value.before.upper" else "u"."revenue_of_viewers.value.before" end) as "revenue_of_viewers.value.before.sum",
  sum(case when "u"."revenue_of_viewers.value" > "c"."revenue_of_viewers.value.upper" then "c"."revenue_of_viewers.value.upper" else "u"."revenue_of_viewers.value" end * case when "u"."revenue_of_viewers.value" > "c"."revenue_of_viewers.value.upper" then "c"."revenue_of_viewers.value.upper" else "u"."revenue_of_viewers.value" end) as "revenue_of_viewers.value.square",
  sum(case when "u"."revenue_of_viewers.value.before" > "c"."revenue_of_viewers.value.before.upper" then "c"."revenue_of_viewers.value.before.upper" else "u"."revenue_of_viewers.value.before" end * case when "u"."revenue_of_viewers.value" > "c"."revenue_of_viewers.value.upper" then "c"."revenue_of_viewers.value.upper" else "u"."revenue_of_viewers.value" end) as "revenue_of_viewers.value by value.before",
  sum(case when "u"."revenue_of_viewers.value.before" > "c"."revenue_of_viewers.value.before.upper" then "c"."revenue_of_viewers.value.before.upper" else "u"."revenue_of_viewers.value.before" end * case when "u"."revenue_of_viewers.value.before" > "c"."revenue_of_viewers.value.before.upper" then "c"."revenue_of_viewers.value.before.upper" else "u"."revenue_of_viewers.value.before" end) as "revenue_of_viewers.value.before.square",
  sum(case when "u"."revenue_of_viewers.value" > "c"."revenue_of_viewers.value.upper" then 1e0 else 0e0 end) as "revenue_of_viewers.capped",
  max("c"."revenue_of_viewers.value.upper") as "revenue_of_viewers.upper",
  max("c"."revenue_of_viewers.value.minimum") as "revenue_of_viewers.minimum",
  max("c"."revenue_of_viewers.value.maximum") as "revenue_of_viewers.maximum"
from units as u
cross join caps as c
group by "u"."arm", "u"."slice"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","ios",0,1,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
