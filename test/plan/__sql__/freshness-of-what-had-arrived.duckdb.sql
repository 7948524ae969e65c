-- rows of "arrived" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select ("event_at" at time zone 'UTC') as "at" from "shop"."arrived" as s where "loaded_at" < (cast($1 as timestamp) at time zone 'UTC')) as t where "at" < cast($2 as timestamp)
) as r
-- parameters: ["2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]

-- rows of "daily" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("ds" as timestamp) as "at" from "shop"."daily" as s) as t where "at" < cast($1 as timestamp)
) as r
-- parameters: ["2026-03-30 12:00:00.000000"]

-- rows of "late" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select ("assigned_at" at time zone 'UTC') as "at" from "shop"."arrived_assignments" as s where "loaded_at" < (cast($1 as timestamp) at time zone 'UTC')) as t where "at" < cast($2 as timestamp)
) as r
-- parameters: ["2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]
