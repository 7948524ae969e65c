import type { OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Act, type Exchange, failure, type Layout, type Page, type Place, stats } from './coordinator.ts';

export type Phase = 'connect' | 'first reply' | 'middle page' | 'last page';
export const PHASES: readonly Phase[] = ['connect', 'first reply', 'middle page', 'last page'];

/** `rows`: exactly the right ones; otherwise the code of the typed error. */
export type Ending = 'rows' | `ENGINE_${string}`;

export interface Fault {
  readonly name: string;
  readonly act: Act;
  /** How often it strikes before all is well. */
  readonly times: number;
  /** Endings that are right; more than one where the rules leave it open. */
  readonly endings: Readonly<Record<Phase, readonly Ending[]>>;
  /** The reply is kept waiting: exchanges are to be given up soon. */
  readonly slow: boolean;
  /** The reply is whole, only odd: before the POST is accepted it has no place, so that there the whole answer is one odd reply. */
  readonly whole: boolean;
  /** Needs a first reply with rows in it. */
  readonly needsRows: boolean;
  /** The fault takes the coordinator away, so that nothing can be cancelled. */
  readonly takesCoordinator: boolean;
}

/** Where a fault strikes. */
export function placeOf({ whole }: Fault, phase: Phase): (place: Place) => boolean {
  switch (phase) {
    case 'connect':
      return whole ? (place) => place.kind === 'page' && place.index === 0 : ({ kind }) => kind === 'connect';
    case 'first reply':
      return (place) => place.kind === 'page' && place.index === 0;
    case 'middle page':
      return (place) => place.kind === 'page' && place.index === place.middle;
    case 'last page':
      return (place) => place.kind === 'page' && place.index === place.last;
  }
}

export function layoutOf({ whole, needsRows }: Fault, phase: Phase): Layout {
  if (phase === 'connect' && whole) return 'single';
  return phase === 'first reply' && needsRows ? 'eager' : 'queued';
}

type Endings = Ending | readonly Ending[] | Partial<Record<Phase | 'otherwise', Ending | readonly Ending[]>>;

interface FaultOptions {
  readonly times?: number;
  readonly slow?: boolean;
  readonly whole?: boolean;
  readonly needsRows?: boolean;
  readonly takesCoordinator?: boolean;
}

function fault(name: string, act: Act, ended: Endings, options: FaultOptions = {}): Fault {
  const {
    times = Number.POSITIVE_INFINITY,
    slow = false,
    whole = act.kind === 'page',
    needsRows = false,
    takesCoordinator = false,
  } = options;
  const list = (ending: Ending | readonly Ending[]) => (typeof ending === 'string' ? [ending] : ending);
  const by =
    typeof ended === 'string' || Array.isArray(ended) ? { otherwise: ended as Ending | readonly Ending[] } : ended;
  const of = (phase: Phase) =>
    list((by as Partial<Record<Phase | 'otherwise', Ending>>)[phase] ?? (by as { otherwise: Ending }).otherwise);
  const endings = {
    connect: of('connect'),
    'first reply': of('first reply'),
    'middle page': of('middle page'),
    'last page': of('last page'),
  };
  return { name, act, times, endings, slow, whole, needsRows, takesCoordinator };
}

const wire = (name: string, play: (exchange: Exchange) => void, endings: Endings, options?: FaultOptions) =>
  fault(name, { kind: 'wire', play }, endings, options);

const page = (
  name: string,
  change: (page: Page, exchange: Exchange) => Page,
  endings: Endings,
  options?: FaultOptions & { readonly headers?: OutgoingHttpHeaders },
) => fault(name, { kind: 'page', change, ...(options?.headers && { headers: options.headers }) }, endings, options);

const ONCE = { times: 1 };
const WHOLE = { whole: true };
const TWICE = { times: 2 };

/** The network's or the server's fault, tried again until a limit of tries or of time is reached. */
const GONE: readonly Ending[] = ['ENGINE_UNAVAILABLE', 'ENGINE_TIMEOUT'];

// ---- what is said in place of a page

const SPACES = Buffer.alloc(1_000_000, ' ');
const HTML = '<!DOCTYPE html><html><body><h1>It works!</h1></body></html>';

const status =
  (code: number, headers: OutgoingHttpHeaders | ((exchange: Exchange) => OutgoingHttpHeaders) = {}, text = HTML) =>
  (exchange: Exchange) => {
    const more = typeof headers === 'function' ? headers(exchange) : headers;
    exchange.response.writeHead(code, { 'content-type': 'text/html', ...more }).end(text);
  };

const says =
  (bytes: (body: Buffer) => Buffer | string, headers: OutgoingHttpHeaders = {}) =>
  ({ response, body }: Exchange) => {
    const said = bytes(body);
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said), ...headers })
      .end(said);
  };

const part = (body: Buffer, share: number) => body.subarray(0, Math.floor(body.length * share));

/** Sends some bytes under a content-length or chunked, and then does something to the connection. */
const begins =
  (share: number, framing: 'length' | 'chunked' | 'until close', then: (exchange: Exchange) => void) =>
  (exchange: Exchange) => {
    const { response, body } = exchange;
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(framing === 'length' ? { 'content-length': body.length } : {}),
      ...(framing === 'until close' ? { connection: 'close', 'transfer-encoding': 'identity' } : {}),
    });
    response.flushHeaders();
    response.write(part(body, share), () => then(exchange));
  };

/** Sends a body bit by bit. */
const drips =
  (bytes: (body: Buffer) => Iterator<Buffer>, pauseMs: number, framing: 'length' | 'chunked') =>
  ({ response, body }: Exchange) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(framing === 'length' ? { 'content-length': body.length } : {}),
    });
    const slices = bytes(body);
    const timer = setInterval(() => {
      const slice = slices.next();
      if (!slice.done && !response.destroyed) return void response.write(slice.value);
      clearInterval(timer);
      if (!response.destroyed) response.end();
    }, pauseMs);
    timer.unref();
  };

function* slicesOf(body: Buffer, count: number): Generator<Buffer> {
  const size = Math.ceil(body.length / count);
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

function* spacesForever(): Generator<Buffer> {
  for (;;) yield Buffer.from(' ');
}

const hangs = () => {};
const resets = ({ socket }: Exchange) => void socket.resetAndDestroy();
const hangsUp = ({ socket }: Exchange) => void socket.destroy();

/** Bytes that are not HTTP, straight to the socket. */
const raw = (bytes: (body: Buffer) => string | Buffer) => (exchange: Exchange) => {
  exchange.socket.write(bytes(exchange.body), () => exchange.socket.destroySoon());
};

// ---- what a page says

const errs =
  (name: string, type: string, code: number, more: Partial<Page> = {}) =>
  ({ id, infoUri }: Page, exchange: Exchange): Page => {
    exchange.fail();
    return { id, infoUri, stats: stats('FAILED'), warnings: [], error: failure(name, type, code), ...more };
  };

const leadsTo =
  (address: (exchange: Exchange & { readonly port: string; readonly path: string }) => unknown) =>
  (said: Page, exchange: Exchange): Page => {
    const own =
      typeof said.nextUri === 'string' ? said.nextUri : `${exchange.origin}/v1/statement/executing/other/slug/1`;
    const { port, pathname: path } = new URL(own);
    return { ...said, stats: stats('RUNNING'), nextUri: address({ ...exchange, port, path }) };
  };

const hostOf = (origin: string) => new URL(origin).host;

const rowsOf = ({ data }: Page) => (data !== undefined && !('json' in data) ? data : []);

type Columns = readonly { readonly name: string; readonly type: string }[];
const columnsOf = (said: Page) => (said.columns ?? []) as Columns; // the coordinator's own

const TABLE_OF = { needsRows: true };

/** A page whose columns are as they are, with one row more and all of it wrong in this way. */
const withRow = (row: (said: Page) => string) => (said: Page) => ({
  ...said,
  columns: said.columns ?? [{ name: 'n', type: 'bigint', typeSignature: { rawType: 'bigint', arguments: [] } }],
  data: { json: `[${[...rowsOf(said).map((cells) => `[${cells.join(',')}]`), row(said)].join(',')}]` },
});

const SESSION = {
  'X-Trino-Set-Session': 'leaked_property=1',
  'X-Trino-Set-Catalog': 'leaked_catalog',
  'X-Trino-Set-Schema': 'leaked_schema',
  'X-Trino-Set-Path': 'leaked_path',
  'X-Trino-Set-Role': 'system=ROLE{leaked_role}',
  'X-Trino-Set-Authorization-User': 'leaked_user',
  'X-Trino-Added-Prepare': 'leaked_statement=select+1',
  'X-Trino-Started-Transaction-Id': 'leaked_transaction',
  'X-Trino-Clear-Session': 'query_max_run_time',
};

/** Every fault of the suite; each is played at each of the four phases. */
export const FAULTS: readonly Fault[] = [
  // ---- statuses
  ...[502, 503, 504, 429].flatMap((code) => [
    wire(`${code} once`, status(code), 'rows', ONCE),
    wire(`${code} once with Retry-After: 0`, status(code, { 'retry-after': '0' }), 'rows', ONCE),
    wire(`${code} twice`, status(code), 'rows', TWICE),
    wire(`${code} for good`, status(code), code === 429 ? [...GONE, 'ENGINE_OVERLOADED'] : GONE),
  ]),
  wire('503 once with Retry-After: 1', status(503, { 'retry-after': '1' }), 'rows', ONCE),
  wire('429 once with Retry-After: 1', status(429, { 'retry-after': '1' }), 'rows', ONCE),
  wire('503 once with a past date', status(503, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }), 'rows', ONCE),
  wire('503 once with a Retry-After that is none', status(503, { 'retry-after': '-soon' }), 'rows', ONCE),
  wire('503 with Retry-After: 3600', status(503, { 'retry-after': '3600' }), GONE),
  wire('429 with Retry-After: 3600', status(429, { 'retry-after': '3600' }), [...GONE, 'ENGINE_OVERLOADED']),
  wire('500 once', status(500), ['rows', 'ENGINE_UNAVAILABLE'], ONCE),
  wire('500 for good', status(500), 'ENGINE_UNAVAILABLE'),
  wire('400 for good', status(400), 'ENGINE_UNAVAILABLE'),
  wire('401 for good', status(401, { 'www-authenticate': 'Basic realm="Trino"' }), 'ENGINE_UNAUTHORIZED'),
  wire('403 for good', status(403), 'ENGINE_UNAUTHORIZED'),
  wire('404 for good', status(404), 'ENGINE_UNAVAILABLE'),
  wire('410 for good', status(410), 'ENGINE_UNAVAILABLE'),
  wire('413 for good', status(413), 'ENGINE_UNAVAILABLE'),
  wire('204 once', status(204, {}, ''), ['rows', 'ENGINE_UNAVAILABLE'], ONCE),
  wire('206 with half of the page', ({ response, body }) => response.writeHead(206).end(part(body, 0.5)), GONE),
  wire(
    '101 to another protocol',
    raw(() => 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    GONE,
  ),
  // ---- redirects
  ...[301, 302, 303, 307, 308].map((code) =>
    wire(
      `${code} to a foreign host`,
      status(code, ({ foreign }) => ({ location: `${foreign}/v1/statement` })),
      'ENGINE_UNAVAILABLE',
    ),
  ),
  wire(
    '302 to itself',
    status(302, ({ request }) => ({ location: request.url! })),
    'ENGINE_UNAVAILABLE',
  ),
  // ---- bodies that are no page
  ...(
    [
      ['empty body', () => ''],
      ['body of spaces', () => ' \r\n\t '],
      ['HTML body', () => HTML],
      ['half of the JSON', (body) => part(body, 0.5)],
      ['JSON without its last byte', (body) => body.subarray(0, -1)],
      ['null', () => 'null'],
      ['list', () => '[]'],
      ['text', () => '"text"'],
      ['number', () => '0'],
      ['empty object', () => '{}'],
      ['page twice in one body', (body) => Buffer.concat([body, body])],
      ['JSON with rubbish after it', (body) => Buffer.concat([body, Buffer.from('<!-- served by gw-17 -->')])],
      ['body in Latin-1', (body) => Buffer.from(`${body.toString('utf8').slice(0, -1)},"note":"Ü"}`, 'latin1')],
    ] satisfies [string, (body: Buffer) => Buffer | string][]
  ).flatMap(([name, bytes]) => [
    wire(`200 with ${name} once`, says(bytes), ['rows', 'ENGINE_UNAVAILABLE'], ONCE),
    wire(`200 with ${name} for good`, says(bytes), GONE),
  ]),
  wire(
    '200 with JSON called HTML',
    says((body) => body, { 'content-type': 'text/html' }),
    ['rows', 'ENGINE_UNAVAILABLE'],
    WHOLE,
  ),
  wire(
    '200 with a byte order mark',
    says((body) => Buffer.concat([Buffer.from('\ufeff'), body])),
    ['rows', ...GONE],
    WHOLE,
  ),
  wire(
    'content-length too small',
    raw((body) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length - 5}\r\n\r\n${body}`),
    GONE,
  ),
  wire(
    'packed whole',
    (exchange) => {
      if (/gzip/.test(String(exchange.request.headers['accept-encoding'])))
        says(gzipSync, { 'content-encoding': 'gzip' })(exchange);
      else exchange.pass();
    },
    'rows',
    WHOLE,
  ),
  wire('packed without being asked', says(gzipSync, { 'content-encoding': 'gzip' }), ['rows', ...GONE], WHOLE),
  wire(
    'packed and cut off once',
    says((body) => part(gzipSync(body), 0.6), { 'content-encoding': 'gzip' }),
    ['rows', 'ENGINE_UNAVAILABLE'],
    ONCE,
  ),
  wire(
    'oversized page',
    says((body) => Buffer.concat([body, SPACES])),
    'ENGINE_RESULT_TOO_LARGE',
  ),
  wire(
    'oversized page, chunked',
    ({ response, body }) => {
      response.writeHead(200);
      response.write(SPACES);
      response.end(body);
    },
    'ENGINE_RESULT_TOO_LARGE',
  ),
  wire(
    'oversized page, packed',
    says((body) => Buffer.concat([gzipSync(SPACES), gzipSync(body)]), { 'content-encoding': 'gzip' }),
    ['ENGINE_RESULT_TOO_LARGE', ...GONE],
  ),
  wire(
    'endless page',
    ({ response }) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write(SPACES));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    },
    ['ENGINE_RESULT_TOO_LARGE', ...GONE],
  ),
  wire('oversized headers', status(200, { 'x-noise': 'x'.repeat(100_000) }), GONE),
  wire(
    'rubbish for HTTP',
    raw(() => 'SSH-2.0-OpenSSH_9.9\r\n'),
    GONE,
  ),
  // ---- connections
  ...(
    [
      ['reset before the headers', resets],
      ['hang-up before the headers', hangsUp],
      ['reset after the headers', begins(0, 'length', resets)],
      ['reset in the midst', begins(0.5, 'length', resets)],
      ['body shorter than content-length', begins(0.7, 'length', hangsUp)],
      ['chunked body cut off', begins(0.7, 'chunked', hangsUp)],
      ['chunked body cut off after the whole JSON', begins(1, 'chunked', hangsUp)],
      [
        'body until close, cut off',
        raw((body) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'), part(body, 0.7)])),
      ],
      ['hang without a reply', hangs],
      ['hang after the headers', begins(0, 'length', hangs)],
      ['hang in the midst', begins(0.5, 'chunked', hangs)],
      ['drip that does not end', drips(() => spacesForever(), 20, 'chunked')],
      ['drip slower than the exchange may be', drips((body) => slicesOf(body, 100), 30, 'length')],
    ] satisfies [string, (exchange: Exchange) => void][]
  ).flatMap(([name, play]) => [
    wire(`${name}, once`, play, 'rows', { ...ONCE, slow: /hang (without|after|in)|drip/.test(name) }),
    wire(`${name}, for good`, play, GONE, { slow: true }),
  ]),
  wire(
    'steady drip',
    drips((body) => slicesOf(body, 8), 5, 'length'),
    'rows',
    WHOLE,
  ),
  wire(
    'connection closed after the reply',
    (exchange) => {
      exchange.response.once('finish', () => setImmediate(() => exchange.socket.destroy()));
      exchange.pass();
    },
    'rows',
    WHOLE,
  ),
  wire('coordinator that dies', ({ coordinator }) => void coordinator.stop(), GONE, { takesCoordinator: true }),
  wire(
    'coordinator away for 150 ms',
    ({ coordinator }) => {
      void coordinator.stop().then(() => setTimeout(() => void coordinator.start(), 150));
    },
    'rows',
    ONCE,
  ),
  // ---- addresses
  ...(
    [
      ['of another port', ({ foreign, path }) => `${foreign}${path}`],
      ['of another host', ({ port, path }) => `http://localhost:${port}${path}`],
      ['of another scheme', ({ port, path }) => `https://127.0.0.1:${port}${path}`],
      ['with the own host as user name', ({ origin, foreign, path }) => `${origin}@${hostOf(foreign)}${path}`],
      [
        'with the own host before a backslash',
        ({ origin, foreign, path }) => `http:\\\\${hostOf(foreign)}\\@${hostOf(origin)}${path}`,
      ],
      ['with a user name', ({ foreign, path }) => `http://admin:secret@${hostOf(foreign)}${path}`],
      ['without a scheme', ({ foreign, path }) => `//${hostOf(foreign)}${path}`],
      ['of a file', () => 'file:///etc/hostname'],
      [
        'of data',
        ({ page: { id } }) =>
          `data:application/json,${encodeURIComponent(JSON.stringify({ id, stats: stats('FINISHED') }))}`,
      ],
      ['that is empty', () => ''],
      ['that is none', () => 'http://'],
      ['that is a number', () => 7],
      ['that is an object', () => ({})],
      ['on another path', ({ origin }) => `${origin}/v1/query`],
    ] satisfies [string, (exchange: Exchange & { readonly port: string; readonly path: string }) => unknown][]
  ).map(([name, address]) => page(`nextUri ${name}`, leadsTo(address), 'ENGINE_UNAVAILABLE')),
  page(
    'nextUri that was before',
    (said, { former, origin }) => ({
      ...said,
      stats: stats('RUNNING'),
      nextUri: former?.nextUri ?? `${origin}/v1/statement`,
    }),
    GONE,
  ),
  page(
    'nextUri missing while the query runs',
    ({ nextUri: _, ...said }) => ({ ...said, stats: stats('RUNNING') }),
    'ENGINE_UNAVAILABLE',
  ),
  // ---- identity
  page('query id that changes', (said) => ({ ...said, id: '20200101_000000_00001_other' }), {
    connect: ['rows'],
    otherwise: 'ENGINE_UNAVAILABLE',
  }),
  page('query id that is missing', ({ id: _, ...said }) => said, 'ENGINE_UNAVAILABLE'),
  page('query id that is empty', (said) => ({ ...said, id: '' }), 'ENGINE_UNAVAILABLE'),
  page(
    'former page again, once',
    (said, { former }) => former ?? { ...said, id: '20200101_000000_00001_stale' },
    { connect: ['rows'], otherwise: ['rows', 'ENGINE_UNAVAILABLE'] },
    ONCE,
  ),
  // ---- errors of the cluster
  ...(
    [
      ['SYNTAX_ERROR', 'USER_ERROR', 1, ['ENGINE_FAILED']],
      ['DIVISION_BY_ZERO', 'USER_ERROR', 8, ['ENGINE_FAILED']],
      ['PERMISSION_DENIED', 'USER_ERROR', 4, ['ENGINE_UNAUTHORIZED', 'ENGINE_FAILED']],
      [
        'EXCEEDED_LOCAL_MEMORY_LIMIT',
        'INSUFFICIENT_RESOURCES',
        131079,
        ['ENGINE_FAILED', 'ENGINE_OVERLOADED', 'ENGINE_TIMEOUT'],
      ],
      [
        'CLUSTER_OUT_OF_MEMORY',
        'INSUFFICIENT_RESOURCES',
        131076,
        ['ENGINE_FAILED', 'ENGINE_OVERLOADED', 'ENGINE_TIMEOUT'],
      ],
      ['EXCEEDED_TIME_LIMIT', 'INSUFFICIENT_RESOURCES', 131075, ['ENGINE_TIMEOUT']],
      ['QUERY_QUEUE_FULL', 'INSUFFICIENT_RESOURCES', 131074, ['ENGINE_OVERLOADED']],
      ['GENERIC_INTERNAL_ERROR', 'INTERNAL_ERROR', 65536, ['ENGINE_UNAVAILABLE']],
      ['SERVER_SHUTTING_DOWN', 'INTERNAL_ERROR', 65545, ['ENGINE_UNAVAILABLE']],
      ['NO_NODES_AVAILABLE', 'INTERNAL_ERROR', 65550, ['ENGINE_UNAVAILABLE']],
      ['HIVE_METASTORE_ERROR', 'EXTERNAL', 16777216, ['ENGINE_UNAVAILABLE']],
      ['ADMINISTRATIVELY_KILLED', 'USER_ERROR', 65, ['ENGINE_CANCELLED', 'ENGINE_UNAVAILABLE']],
      ['USER_CANCELED', 'USER_ERROR', 3, ['ENGINE_CANCELLED']],
      ['NEW_IN_480', 'NEW_TYPE', 999, ['ENGINE_UNAVAILABLE', 'ENGINE_FAILED']],
    ] satisfies [string, string, number, Ending[]][]
  ).map(([name, type, code, endings]) => page(`error ${name}`, errs(name, type, code), endings)),
  page(
    'error and rows in one page',
    ({ columns, data, ...said }, exchange) => {
      const { error, stats: failed } = errs('DIVISION_BY_ZERO', 'USER_ERROR', 8)(said, exchange);
      return { ...said, ...(columns ? { columns } : {}), ...(data ? { data } : {}), error, stats: failed };
    },
    'ENGINE_FAILED',
    TABLE_OF,
  ),
  page(
    'error and the address of a next page',
    (said, exchange) => ({ ...said, error: errs('DIVISION_BY_ZERO', 'USER_ERROR', 8)(said, exchange).error }),
    'ENGINE_FAILED',
  ),
  page('error that is empty', (said, exchange) => errs('', '', 0, { error: {} })(said, exchange), [
    'ENGINE_UNAVAILABLE',
    'ENGINE_FAILED',
  ]),
  page('error that is a text', (said, exchange) => errs('', '', 0, { error: 'out of order' })(said, exchange), [
    'ENGINE_UNAVAILABLE',
    'ENGINE_FAILED',
  ]),
  page(
    'failed without an error',
    ({ id, infoUri }, exchange) => {
      exchange.fail();
      return { id, infoUri, stats: stats('FAILED'), warnings: [] };
    },
    ['ENGINE_UNAVAILABLE', 'ENGINE_FAILED'],
  ),
  // ---- rows
  page(
    'row that is too short',
    withRow(() => '[]'),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'row that is too long',
    withRow(
      (said) =>
        `[${Array(columnsOf(said).length + 2)
          .fill('null')
          .join(',')}]`,
    ),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'row that is an object',
    withRow(() => '{"n":1}'),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'row that is null',
    withRow(() => 'null'),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'cell of another type',
    withRow((said) => `["abc"${',null'.repeat(Math.max(0, columnsOf(said).length - 1))}]`),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page('data that is a text', (said) => ({ ...said, data: { json: '"rows"' } }), 'ENGINE_UNAVAILABLE', TABLE_OF),
  page(
    'data in segments that nobody asked for',
    ({ data: _, ...said }) => ({ ...said, data: { json: '{"encoding":"json","segments":[]}' } }),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'data without columns',
    ({ columns: _, ...said }) => said,
    { connect: 'ENGINE_UNAVAILABLE', otherwise: ['rows', 'ENGINE_UNAVAILABLE'] },
    TABLE_OF,
  ),
  page('columns that are no list', (said) => ({ ...said, columns: 'n' }), 'ENGINE_UNAVAILABLE', TABLE_OF),
  page(
    'columns that change their names',
    (said) => ({ ...said, columns: [...columnsOf(said)].reverse() }),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'columns that change their number',
    (said) => ({ ...said, columns: columnsOf(said).slice(1) }),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'columns that change their type',
    (said) => ({ ...said, columns: columnsOf(said).map((column) => ({ ...column, type: 'date' })) }),
    'ENGINE_UNAVAILABLE',
    TABLE_OF,
  ),
  page(
    'more rows than allowed',
    (said) => ({
      ...said,
      columns: said.columns ?? [{ name: 'n', type: 'bigint' }],
      data: {
        json: `[${Array(1_001)
          .fill(
            `[${Array(Math.max(1, columnsOf(said).length))
              .fill('null')
              .join(',')}]`,
          )
          .join(',')}]`,
      },
    }),
    'ENGINE_RESULT_TOO_LARGE',
    TABLE_OF,
  ),
  // ---- legal, and easily misread
  page('session of another in the headers', (said) => said, 'rows', { headers: SESSION }),
  page('error that is null', (said) => ({ ...said, error: null }), 'rows'),
  page(
    'warnings',
    (said) => ({ ...said, warnings: [{ warningCode: { code: 1, name: 'TOO_MANY_STAGES' }, message: 'warned' }] }),
    'rows',
  ),
  page(
    'fields that are new',
    (said) => ({ ...said, nextUris: ['x'], finished: false, partialCancelUri: 'http://127.0.0.1:1/' }),
    'rows',
  ),
  // ---- credentials
  wire(
    'token that expires and is renewed',
    (exchange) => {
      if (exchange.request.headers.authorization === `Bearer ${RENEWED}`) exchange.pass();
      else {
        exchange.coordinator.tokenFile.text = RENEWED;
        status(401)(exchange);
      }
    },
    'rows',
    WHOLE,
  ),
];

/** What the token file holds once the first one was refused. */
export const RENEWED = 'renewed-token-of-the-suite';
