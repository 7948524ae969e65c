const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Scalar functions that an expression of a catalog may call, on any engine, in lower case. They depend on nothing but
 * their arguments: nothing that reads files, settings, the clock or chance. Operators are allowed by their form.
 */
export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...list('coalesce nullif ifnull if try_cast try cast greatest least typeof'),
  ...list(
    'abs ceil ceiling floor round trunc truncate sign sqrt cbrt ln log log2 log10 exp pow power mod divide fmod pi',
  ),
  ...list('isnan isfinite isinf is_nan is_finite is_infinite sin cos tan asin acos atan atan2 degrees radians'),
  ...list('lower upper lcase ucase trim ltrim rtrim length char_length character_length strlen len substr substring'),
  ...list('left right lpad rpad repeat reverse replace translate concat concat_ws split split_part string_split'),
  ...list(
    'str_split strpos position instr starts_with ends_with suffix prefix contains overlay ascii chr unicode format',
  ),
  ...list('like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches regexp_like regexp_full_match'),
  ...list(
    'regexp_extract regexp_replace regexp_count regexp_position regexp_split levenshtein jaccard hamming normalize',
  ),
  ...list('url_extract_host url_extract_path url_extract_parameter url_extract_query url_decode url_encode'),
  ...list('json_extract json_extract_string json_extract_path json_extract_path_text json_extract_scalar json_value'),
  ...list(
    'json_query json_parse json_format json_array_length json_array_contains json_size json_exists json_type json_valid',
  ),
  ...list('date_trunc datetrunc date_part datepart extract date_diff datediff date_add dateadd date_sub datesub date'),
  ...list('timestamp timezone at_timezone with_timezone epoch epoch_ms epoch_us epoch_ns to_timestamp from_unixtime'),
  ...list(
    'to_unixtime from_iso8601_timestamp from_iso8601_date make_date make_timestamp strftime strptime try_strptime',
  ),
  ...list(
    'date_format date_parse parse_datetime format_datetime to_days to_hours to_minutes to_seconds to_milliseconds',
  ),
  ...list('to_microseconds to_weeks to_months to_years year quarter month week weekday day dayofweek day_of_week'),
  ...list('dayofyear day_of_year dayofmonth day_of_month weekofyear week_of_year isodow isoyear yearweek hour minute'),
  ...list('second millisecond microsecond dayname monthname last_day last_day_of_month age century decade era'),
  ...list('list_value list_contains list_has list_any_value list_extract list_element list_position array_contains'),
  ...list(
    'array_extract array_has array_length array_position array_min array_max array_sum list_sum list_min list_max',
  ),
  ...list('list_distinct list_filter list_transform list_apply list_slice array_slice array_distinct arrays_overlap'),
  ...list('list_has_any list_has_all any_match all_match none_match filter transform cardinality element_at'),
  ...list('struct_extract struct_pack map map_extract map_extract_value map_keys map_values map_contains'),
  ...list('hash md5 sha256 sha1 to_hex from_hex hex unhex bit_count bitwise_and bitwise_or bitwise_xor xor'),
  ...list('width_bucket bar nvl nvl2 decode add subtract multiply'),
]);

/** Whether an expression may call a function or use an operator. */
export function isAllowedFunction(name: string): boolean {
  return !/[a-z]/.test(name) || ALLOWED_FUNCTIONS.has(name);
}
