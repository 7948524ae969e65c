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
  max(case when "position" = 1 then "dim_country" end) as "dim_country",
  max(case when "position" = 1 then "dim_platform" end) as "dim_platform"
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
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_known_adjusted.value",
  count(case when (event_name = 'purchase') and "f"."__at" >= "x"."__exposed_at" and "f"."__at" < "x"."__exposed_at" + interval '604800' second and (amount) is not null and case when isfinite(cast((amount) as double)) then cast((amount) as double) end is null then 1 end) as "capped_known_adjusted.value.invalid",
  case when abs(sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) <= 1e-12 * sum(abs(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end)) then 0e0 else sum(case when (event_name = 'purchase') and "f"."__at" < "x"."__exposed_at" then case when isfinite(cast((amount) as double)) then cast((amount) as double) end end) end as "capped_known_adjusted.value.before"
from (select "unit" as "__exposed_unit", "exposed_at" as "__exposed_at" from exposures) as x
join (
  select s.*, "user_id" as "__unit", ("event_at" at time zone 'UTC') as "__at"
  from "shop"."events" as s
  where "event_at" >= (cast($9 as timestamp) at time zone 'UTC') and "event_at" < (cast($10 as timestamp) at time zone 'UTC') and ((event_name = 'purchase'))
) as f on "f"."__unit" = "x"."__exposed_unit" and "f"."__at" >= "x"."__exposed_at" + interval '-345600' second
group by "x"."__exposed_unit"
),
-- one row a unit: its value of each metric
"units" as materialized (
select
  "x"."arm",
  case when "x"."dim_platform" = cast($11 as varchar) then $12 when "x"."dim_platform" = cast($13 as varchar) then $14 else cast($15 as bigint) end as "slice",
  "x"."in_scope",
  case when "x"."exposed_at" + interval '604800' second <= cast($16 as timestamp) then coalesce(cast("facts_events"."capped_known_adjusted.value" as double), 0e0) end as "capped_known_adjusted.value",
  case when "x"."exposed_at" + interval '604800' second <= cast($17 as timestamp) then coalesce(cast("facts_events"."capped_known_adjusted.value.before" as double), 0e0) end as "capped_known_adjusted.value.before",
  case when "x"."exposed_at" + interval '604800' second <= cast($18 as timestamp) then case when "facts_events"."capped_known_adjusted.value.before" is not null then 1e0 else 0e0 end end as "capped_known_adjusted.before",
  coalesce("facts_events"."capped_known_adjusted.value.invalid", 0) as "capped_known_adjusted.value.invalid"
from "exposures" as x
left join "facts_events" on "facts_events"."unit" = "x"."unit"
),
-- thresholds over the analysed units of all arms
"caps" as (
select
  quantile_cont(case when "capped_known_adjusted.value" <> 0e0 then "capped_known_adjusted.value" end, 0.8e0) as "capped_known_adjusted.value.upper",
  min("capped_known_adjusted.value") as "capped_known_adjusted.value.minimum",
  max("capped_known_adjusted.value") as "capped_known_adjusted.value.maximum",
  quantile_cont(case when "capped_known_adjusted.value.before" <> 0e0 then "capped_known_adjusted.value.before" end, 0.8e0) as "capped_known_adjusted.value.before.upper"
from units
),
-- sums over the units of each arm
"moments" as (
select
  "u"."arm",
  "u"."slice",
  count(*) as "exposed",
  count("u"."capped_known_adjusted.value") as "capped_known_adjusted.units",
  sum("u"."capped_known_adjusted.value") as "capped_known_adjusted.value.uncapped_sum",
  sum("u"."capped_known_adjusted.value" * "u"."capped_known_adjusted.value") as "capped_known_adjusted.value.uncapped_square",
  sum("u"."capped_known_adjusted.before") as "capped_known_adjusted.with_before",
  count(case when "u"."capped_known_adjusted.value" <> 0e0 then 1 end) as "capped_known_adjusted.with_value",
  sum("u"."capped_known_adjusted.value.invalid") as "capped_known_adjusted.capped_known_adjusted.value.invalid",
  sum(case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."capped_known_adjusted.value" end) as "capped_known_adjusted.value.sum",
  sum(case when "u"."capped_known_adjusted.value.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."capped_known_adjusted.value.before" end) as "capped_known_adjusted.value.before.sum",
  sum((1e0 - "u"."capped_known_adjusted.before")) as "capped_known_adjusted.missing.sum",
  sum(case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."capped_known_adjusted.value" end * case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."capped_known_adjusted.value" end) as "capped_known_adjusted.value.square",
  sum(case when "u"."capped_known_adjusted.value.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."capped_known_adjusted.value.before" end * case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."capped_known_adjusted.value" end) as "capped_known_adjusted.value by value.before",
  sum(case when "u"."capped_known_adjusted.value.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."capped_known_adjusted.value.before" end * case when "u"."capped_known_adjusted.value.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."capped_known_adjusted.value.before" end) as "capped_known_adjusted.value.before.square",
  sum((1e0 - "u"."capped_known_adjusted.before") * case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then "c"."capped_known_adjusted.value.upper" else "u"."capped_known_adjusted.value" end) as "capped_known_adjusted.value by missing",
  sum((1e0 - "u"."capped_known_adjusted.before") * case when "u"."capped_known_adjusted.value.before" > "c"."capped_known_adjusted.value.before.upper" then "c"."capped_known_adjusted.value.before.upper" else "u"."capped_known_adjusted.value.before" end) as "capped_known_adjusted.value.before by missing",
  sum(case when "u"."capped_known_adjusted.value" > "c"."capped_known_adjusted.value.upper" then 1e0 else 0e0 end) as "capped_known_adjusted.capped",
  max("c"."capped_known_adjusted.value.upper") as "capped_known_adjusted.upper",
  max("c"."capped_known_adjusted.value.minimum") as "capped_known_adjusted.minimum",
  max("c"."capped_known_adjusted.value.maximum") as "capped_known_adjusted.maximum",
  count("u"."capped_known_adjusted.value") as "revenue_adjusted.units",
  sum("u"."capped_known_adjusted.value") as "revenue_adjusted.value.sum",
  sum("u"."capped_known_adjusted.value.before") as "revenue_adjusted.value.before.sum",
  sum("u"."capped_known_adjusted.value" * "u"."capped_known_adjusted.value") as "revenue_adjusted.value.square",
  sum("u"."capped_known_adjusted.value.before" * "u"."capped_known_adjusted.value") as "revenue_adjusted.value by value.before",
  sum("u"."capped_known_adjusted.value.before" * "u"."capped_known_adjusted.value.before") as "revenue_adjusted.value.before.square",
  sum("u"."capped_known_adjusted.before") as "revenue_adjusted.with_before",
  count(case when "u"."capped_known_adjusted.value" <> 0e0 then 1 end) as "revenue_adjusted.with_value",
  sum("u"."capped_known_adjusted.value.invalid") as "revenue_adjusted.capped_known_adjusted.value.invalid"
from units as u
cross join caps as c
where "u"."in_scope"
group by "u"."arm", "u"."slice"
)
select "c"."variant", r.*
from "moments" as r
inner join configured as c on "c"."arm" = "r"."arm"
order by "r"."arm", "r"."slice"
-- parameters: ["checkout","control","checkout","treatment","checkout","2026-03-20 00:00:00.000000","2026-04-03 00:00:00.000000","DE","2026-03-16 00:00:00.000000","2026-04-10 00:00:00.000000","ios",0,"web",1,2,"2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000","2026-12-01 00:00:00.000000"]
