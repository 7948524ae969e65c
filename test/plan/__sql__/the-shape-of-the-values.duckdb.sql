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
"exposures_of_all" as (
select
  "unit",
  min("arm") as "arm",
  min("assigned_at") as "exposed_at",
  max(case when "position" = 1 then "dim_country" end) as "dim_country"
from ranked
group by "unit"
having min("arm") = max("arm")
),
-- the units asked for are marked
"exposures" as materialized (
select *, (not coalesce("dim_country" = cast($8 as varchar), false)) as "in_scope" from exposures_of_all
),
-- what each unit did in events
"facts_events" as (
select
  "x"."__exposed_unit" as "unit",
  avg(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "average.value",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped.value",
  count(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" + interval '604800' second then 1 end) as "converted.value",
  sum(case when (event_name = 'purchase') and "f"."__at" < cast($9 as timestamp) then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) as "open_revenue.value"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($10 as timestamp) at time zone 'UTC') and "event_at" < (cast($11 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at"
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  "x"."in_scope",
  case when "x"."exposed_at" + interval '604800' second <= cast($12 as timestamp) then cast("facts_events"."average.value" as double) end as "average.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($13 as timestamp) then coalesce(cast("facts_events"."capped.value" as double), 0e0) end as "capped.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($14 as timestamp) then case when "facts_events"."converted.value" > 0 then 1e0 else 0e0 end end as "converted.value",
  coalesce(cast("facts_events"."open_revenue.value" as double), 0e0) as "open_revenue.value"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "capped.value" <> 0e0 then "capped.value" end, 0.9e0) as "capped.value.upper",
  quantile_cont(case when "capped.value" <> 0e0 then "capped.value" end, 0.1e0) as "capped_both_ways.value.lower",
  quantile_cont(case when "capped.value" <> 0e0 then "capped.value" end, 0.9e0) as "capped_both_ways.value.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  count(*) as "exposed",
  count("u"."average.value") as "average.units",
  sum("u"."average.value") as "average.value.sum",
  sum("u"."average.value" * "u"."average.value") as "average.value.square",
  sum("u"."average.value" * "u"."average.value" * "u"."average.value") as "average.cubes",
  min("u"."average.value") as "average.smallest",
  max("u"."average.value") as "average.largest",
  count("u"."capped.value") as "capped.units",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.value.sum",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.value.square",
  sum(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.cubes",
  min(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.smallest",
  max(case when "u"."capped.value" > "c"."capped.value.upper" then "c"."capped.value.upper" else "u"."capped.value" end) as "capped.largest",
  count("u"."capped.value") as "capped_both_ways.units",
  sum(case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end) as "capped_both_ways.value.sum",
  sum(case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end) as "capped_both_ways.value.square",
  sum(case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end * case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end) as "capped_both_ways.cubes",
  min(case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end) as "capped_both_ways.smallest",
  max(case when "u"."capped.value" > "c"."capped_both_ways.value.upper" then "c"."capped_both_ways.value.upper" when "u"."capped.value" < "c"."capped_both_ways.value.lower" then "c"."capped_both_ways.value.lower" else "u"."capped.value" end) as "capped_both_ways.largest",
  count("u"."converted.value") as "converted.units",
  sum("u"."converted.value") as "converted.value.sum",
  sum("u"."converted.value" * "u"."converted.value" * "u"."converted.value") as "converted.cubes",
  min("u"."converted.value") as "converted.smallest",
  max("u"."converted.value") as "converted.largest",
  count(*) as "open_revenue.units",
  sum("u"."open_revenue.value") as "open_revenue.value.sum",
  sum("u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.value.square",
  sum("u"."open_revenue.value" * "u"."open_revenue.value" * "u"."open_revenue.value") as "open_revenue.cubes",
  min("u"."open_revenue.value") as "open_revenue.smallest",
  max("u"."open_revenue.value") as "open_revenue.largest",
  count("u"."capped.value") as "revenue.units",
  sum("u"."capped.value") as "revenue.value.sum",
  sum("u"."capped.value" * "u"."capped.value") as "revenue.value.square",
  sum("u"."capped.value" * "u"."capped.value" * "u"."capped.value") as "revenue.cubes",
  min("u"."capped.value") as "revenue.smallest",
  max("u"."capped.value") as "revenue.largest"
from units as u
cross join caps as c
where "u"."in_scope"
group by "u"."arm"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","DE","2026-04-03 00:00:00.000000","2026-03-20 00:00:00.000000","2026-04-10 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
