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
  cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "__at",
  "country" as "dim_country",
  "platform_name" as "dim_platform",
  "age" as "dim_age",
  "rating" as "dim_rating",
  "member" as "dim_member",
  "birthday" as "dim_birthday",
  "joined" as "dim_joined"
  from "shop"."assignments" as s
  where "experiment_id" in (?) and "assigned_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "assigned_at" < with_timezone(cast(? as timestamp(6)), 'UTC')
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
"exposures" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- every exposed unit and what it did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  any_value("x"."__arm") as "arm",
  any_value("x"."__exposed_at") as "exposed_at",
  any_value("x"."__dim_platform") as "dim_platform",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "aov_of_refunders.numerator",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when is_finite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "aov_of_refunders.numerator.invalid",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_of_refunders.denominator",
  count(case when (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "aov_of_refunders.among",
  count(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_orders_of_refunders.value",
  count(case when (event_name = 'refund') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < cast(? as timestamp(6)) then 1 end) as "open_orders_of_refunders.among",
  count(case when (event_name = 'view') and "f"."__unit" is not null and "f"."__at" < "x"."__exposed_at" then 1 end) as "revenue_of_viewers.among",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__unit" is not null and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at" then case when is_finite(cast((amount) as double)) then cast((amount) as double) end end) end as "revenue_of_viewers.value.before"
from (
  select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at"
  from "shop"."events" as s
  where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC') and event_name in ('purchase', 'refund', 'view')
) as f
right join (select "unit" as "__exposed_unit", "arm" as "__arm", "exposed_at" as "__exposed_at", "dim_platform" as "__dim_platform" from exposures) as x on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-432000' second
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
    from (select s.*, "user_id" as "__unit", cast("event_at" at time zone 'UTC' as timestamp(6)) as "__at" from "shop"."events" as s where "event_at" >= with_timezone(cast(? as timestamp(6)), 'UTC') and "event_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as r
    where "__unit" is not null
  ) as d
  where ("event_id" is null or "__sent_before" is null or "__at" > "__sent_before" + interval '86400' second) and "__at" >= cast(? as timestamp(6)) and ((event_name = 'view'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second and "f"."__at" < "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as (
select
  "x"."arm",
  case when "x"."dim_platform" = cast(? as varchar) then ? else cast(? as bigint) end as "slice",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."aov_of_refunders.among" > 0 then coalesce(cast("x"."aov_of_refunders.numerator" as double), 0e0) end as "aov_of_refunders.numerator",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."aov_of_refunders.among" > 0 then coalesce(cast("x"."aov_of_refunders.denominator" as double), 0e0) end as "aov_of_refunders.denominator",
  case when "x"."open_orders_of_refunders.among" > 0 then coalesce(cast("x"."open_orders_of_refunders.value" as double), 0e0) end as "open_orders_of_refunders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) then coalesce(cast("x"."aov_of_refunders.denominator" as double), 0e0) end as "orders.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "facts_sent"."orders_of_visitors.among" > 0 then coalesce(cast("x"."aov_of_refunders.denominator" as double), 0e0) end as "orders_of_visitors.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."revenue_of_viewers.among" > 0 then coalesce(cast("x"."aov_of_refunders.numerator" as double), 0e0) end as "revenue_of_viewers.value",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."revenue_of_viewers.among" > 0 then coalesce(cast("x"."revenue_of_viewers.value.before" as double), 0e0) end as "revenue_of_viewers.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast(? as timestamp(6)) and "x"."revenue_of_viewers.among" > 0 then case when "x"."revenue_of_viewers.value.before" is not null then 1e0 else 0e0 end end as "revenue_of_viewers.before",
  coalesce("x"."aov_of_refunders.numerator.invalid", 0) as "aov_of_refunders.numerator.invalid"
from "facts_events" as x
left join "facts_sent" on "facts_sent"."unit" = "x"."unit"
),
-- sums over the units of each arm, and the values that are yet to be capped
"gathered" as (
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
  coalesce(array_agg(row("u"."revenue_of_viewers.value", "u"."revenue_of_viewers.value.before")) filter (where "u"."revenue_of_viewers.value" <> 0e0 or "u"."revenue_of_viewers.value.before" <> 0e0), array[]) as "revenue_of_viewers.value, revenue_of_viewers.value.before values",
  count("u"."revenue_of_viewers.value") as "revenue_of_viewers.value, revenue_of_viewers.value.before values.counted",
  min("u"."revenue_of_viewers.value") as "revenue_of_viewers.value.minimum of the arm",
  max("u"."revenue_of_viewers.value") as "revenue_of_viewers.value.maximum of the arm"
from units as u
group by "u"."arm", "u"."slice"
),
-- all arms together
"pooled" as (
select *,
  flatten(array_agg("revenue_of_viewers.value, revenue_of_viewers.value.before values") over ()) as "revenue_of_viewers.value, revenue_of_viewers.value.before values.pool",
  min("revenue_of_viewers.value.minimum of the arm") over () as "revenue_of_viewers.value.minimum",
  max("revenue_of_viewers.value.maximum of the arm") over () as "revenue_of_viewers.value.maximum"
from gathered
),
-- the values that thresholds are taken of, ascending
"sorted" as (
select *,
  array_sort(filter(transform("revenue_of_viewers.value, revenue_of_viewers.value.before values.pool", r -> r[1]), r -> r <> 0e0)) as "revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted",
  array_sort(filter(transform("revenue_of_viewers.value, revenue_of_viewers.value.before values.pool", r -> r[2]), r -> r <> 0e0)) as "revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted"
from pooled
),
-- thresholds over the analysed units of all arms
"caps" as (
select *,
  case when cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") > 0 then element_at("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(floor(0.8e0 * (cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1) + (element_at("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(ceiling(0.8e0 * (cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1) - element_at("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(floor(0.8e0 * (cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1) - floor(0.8e0 * (cardinality("revenue_of_viewers.value of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1))) end as "revenue_of_viewers.value.upper",
  case when cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") > 0 then element_at("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(floor(0.8e0 * (cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1) + (element_at("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(ceiling(0.8e0 * (cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1) - element_at("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted", cast(floor(0.8e0 * (cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1)) as integer) + 1)) * (0.8e0 * (cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1) - floor(0.8e0 * (cardinality("revenue_of_viewers.value.before of revenue_of_viewers.value, revenue_of_viewers.value.before values.sorted") - 1))) end as "revenue_of_viewers.value.before.upper"
from sorted
),
-- sums over the values as they are analysed
"moments" as (
select
  "arm" as "arm",
  "slice" as "slice",
  "exposed" as "exposed",
  "aov_of_refunders.units" as "aov_of_refunders.units",
  "aov_of_refunders.numerator.sum" as "aov_of_refunders.numerator.sum",
  "aov_of_refunders.denominator.sum" as "aov_of_refunders.denominator.sum",
  "aov_of_refunders.numerator.square" as "aov_of_refunders.numerator.square",
  "aov_of_refunders.cross" as "aov_of_refunders.cross",
  "aov_of_refunders.denominator.square" as "aov_of_refunders.denominator.square",
  "aov_of_refunders.with_value" as "aov_of_refunders.with_value",
  "aov_of_refunders.aov_of_refunders.numerator.invalid" as "aov_of_refunders.aov_of_refunders.numerator.invalid",
  "open_orders_of_refunders.units" as "open_orders_of_refunders.units",
  "open_orders_of_refunders.value.sum" as "open_orders_of_refunders.value.sum",
  "open_orders_of_refunders.value.square" as "open_orders_of_refunders.value.square",
  "open_orders_of_refunders.with_value" as "open_orders_of_refunders.with_value",
  "orders.units" as "orders.units",
  "orders.value.sum" as "orders.value.sum",
  "orders.value.square" as "orders.value.square",
  "orders.with_value" as "orders.with_value",
  "orders_of_visitors.units" as "orders_of_visitors.units",
  "orders_of_visitors.value.sum" as "orders_of_visitors.value.sum",
  "orders_of_visitors.value.square" as "orders_of_visitors.value.square",
  "orders_of_visitors.with_value" as "orders_of_visitors.with_value",
  "revenue_of_viewers.units" as "revenue_of_viewers.units",
  "revenue_of_viewers.value.uncapped_sum" as "revenue_of_viewers.value.uncapped_sum",
  "revenue_of_viewers.value.uncapped_square" as "revenue_of_viewers.value.uncapped_square",
  "revenue_of_viewers.with_before" as "revenue_of_viewers.with_before",
  "revenue_of_viewers.with_value" as "revenue_of_viewers.with_value",
  "revenue_of_viewers.aov_of_refunders.numerator.invalid" as "revenue_of_viewers.aov_of_refunders.numerator.invalid",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[1] > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else r[1] end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else 0e0 end) as "revenue_of_viewers.value.sum",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[2] > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else r[2] end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else 0e0 end) as "revenue_of_viewers.value.before.sum",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[1] > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else r[1] end * case when r[1] > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else r[1] end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else 0e0 end * case when 0e0 > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else 0e0 end) as "revenue_of_viewers.value.square",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[2] > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else r[2] end * case when r[1] > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else r[1] end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else 0e0 end * case when 0e0 > "revenue_of_viewers.value.upper" then "revenue_of_viewers.value.upper" else 0e0 end) as "revenue_of_viewers.value by value.before",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[2] > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else r[2] end * case when r[2] > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else r[2] end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else 0e0 end * case when 0e0 > "revenue_of_viewers.value.before.upper" then "revenue_of_viewers.value.before.upper" else 0e0 end) as "revenue_of_viewers.value.before.square",
  reduce("revenue_of_viewers.value, revenue_of_viewers.value.before values", 0e0, (s, r) -> s + case when r[1] > "revenue_of_viewers.value.upper" then 1e0 else 0e0 end, s -> s) + ("revenue_of_viewers.value, revenue_of_viewers.value.before values.counted" - cardinality("revenue_of_viewers.value, revenue_of_viewers.value.before values")) * (case when 0e0 > "revenue_of_viewers.value.upper" then 1e0 else 0e0 end) as "revenue_of_viewers.capped",
  "revenue_of_viewers.value.upper" as "revenue_of_viewers.upper",
  "revenue_of_viewers.value.minimum" as "revenue_of_viewers.minimum",
  "revenue_of_viewers.value.maximum" as "revenue_of_viewers.maximum"
from "caps"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-10 00:00:00.000000","2026-03-15 00:00:00.000000","2026-04-03 00:00:00.000000","2026-03-16 00:00:00.000000","ios",0,1,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
