-- Made-up tables in three catalogs of one Trino: 4,000 users, each in one arm, and dearer purchases in the treatment.

create schema if not exists postgres.federation;

create table postgres.federation.assignments as
select
  'user-' || cast(n as varchar) as user_id,
  'checkout_button' as experiment,
  if(n % 2 = 0, 'control', 'treatment') as variant,
  date_add('minute', n * 37 % 10080, timestamp '2026-03-02 00:00:00.000000 UTC') as assigned_at,
  element_at(array['DE', 'FR', 'US'], 1 + n % 3) as country
from unnest(sequence(1, 4000)) as users (n);

create schema if not exists iceberg.federation;

create table iceberg.federation.events with (partitioning = array['day(event_at)']) as
with users as (
  select n, i, date_add('minute', n * 37 % 10080, timestamp '2026-03-02 00:00:00.000000 UTC') as assigned_at
  from unnest(sequence(1, 4000)) as users (n)
  cross join unnest(sequence(0, 9)) as visits (i)
)
select
  'user-' || cast(n as varchar) as user_id,
  'page' as event_name,
  cast(null as decimal(10, 2)) as amount,
  date_add('minute', i * (400 + n % 700), assigned_at) as event_at
from users
where i <= n * 7 % 11
union all
select
  'user-' || cast(n as varchar),
  'purchase',
  cast(20 + (n * 7 + i * 11) % 60 + if(n % 2 = 1, 4.5, 0) as decimal(10, 2)),
  date_add('minute', 5 + i * 1440, assigned_at)
from users
where i <= n % 3 and n * 13 % 10 < 4;

create schema if not exists memory.federation;

create table memory.federation.experiments as
select * from (
  values
    (
      'checkout_button', 'A larger button at checkout', 'shop team', 'stopped',
      timestamp '2026-03-02 00:00:00 UTC', timestamp '2026-03-09 00:00:00 UTC',
      '[{"key": "control", "weight": 0.5, "control": true}, {"key": "treatment", "weight": 0.5}]'
    ),
    (
      'new_start_page', 'A new start page', 'growth team', 'draft',
      timestamp '2026-06-01 00:00:00 UTC', cast(null as timestamp with time zone),
      '{"control": 0.5, "treatment": 0.5}'
    )
) as experiments (key, name, owner, status, start_at, end_at, variants);
