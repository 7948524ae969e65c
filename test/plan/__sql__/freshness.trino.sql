-- rows of "assignments" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "at" from "shop"."assignments" as s) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000"]

-- rows of "events" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("event_at" at time zone 'UTC' as timestamp(6)) as "at" from "shop"."events" as s) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000"]

-- rows of "profiles" before asOf, and the newest
select count(*) as "rows", cast(null as varchar) as "latest"
from (
  select 1 as "one" from "shop"."profiles" as s
) as r
-- parameters: []

-- rows of "visits" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("visited_at" at time zone 'UTC' as timestamp(6)) as "at" from "shop"."visits" as s) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000"]
