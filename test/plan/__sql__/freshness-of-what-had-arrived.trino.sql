-- rows of "arrived" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("event_at" at time zone 'UTC' as timestamp(6)) as "at" from "shop"."arrived" as s where "loaded_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]

-- rows of "daily" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("ds" as timestamp(6)) as "at" from "shop"."daily" as s) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000"]

-- rows of "late" before asOf, and the newest
select count(*) as "rows", max("at") as "latest"
from (
  select * from (select cast("assigned_at" at time zone 'UTC' as timestamp(6)) as "at" from "shop"."arrived_assignments" as s where "loaded_at" < with_timezone(cast(? as timestamp(6)), 'UTC')) as t where "at" < cast(? as timestamp(6))
) as r
-- parameters: ["2026-03-30 12:00:00.000000","2026-03-30 12:00:00.000000"]
