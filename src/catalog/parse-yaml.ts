import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, parseDocument } from 'yaml';
import type { FaultList } from './fault.ts';
import { Located, type Positions, placeOf, type Spot } from './located.ts';
import type { CatalogFile } from './read-directory.ts';

const DEEPEST = 64;
/** Nodes that aliases may repeat in one file; a few nested aliases of a hostile file reach billions. */
const MOST_REPEATED = 100_000;
/** Faults of syntax follow from one another; the first few tell. */
const MOST_SYNTAX_FAULTS = 20;

/** Parses YAML 1.2 (core schema) into plain values with their places; null: nothing in it, or not YAML. */
export function parseYaml({ name, text }: CatalogFile, faults: FaultList): Located | null {
  const positions: Positions = { file: name, text, lines: lineStarts(text), members: new WeakMap() };
  const syntax = (offset: number, reason: string) => faults.add('CAT_YAML', placeOf(positions, offset), { reason });
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      resolveKnownTags: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    faults.add('CAT_LIMIT', placeOf(positions, 0), {
      subject: `\`${name}\``,
      rule: `nests deeper than ${DEEPEST} levels`,
    });
    return null;
  }
  if (document.directives?.yaml.version !== '1.2')
    syntax(0, 'The file asks for YAML 1.1; a catalog is YAML 1.2: remove the %YAML line');
  const complaints = [...document.errors, ...document.warnings];
  for (const { pos, message } of complaints.slice(0, MOST_SYNTAX_FAULTS))
    syntax(pos[0], message.replace(/[.\s]+$/, ''));
  if (document.errors.length > 0 || document.contents === null) return null;
  return new Reader(positions, faults).read(document.contents);
}

class Reader {
  readonly #positions: Positions;
  readonly #faults: FaultList;
  readonly #anchors = new Map<string, { readonly value: unknown; readonly nodes: number; readonly spot: Spot }>();
  #nodes = 0;
  #repeated = 0;

  constructor(positions: Positions, faults: FaultList) {
    this.#positions = positions;
    this.#faults = faults;
  }

  read(root: Node): Located {
    const { value, spot } = this.#convert(root, 0, root.range?.[0] ?? 0);
    return new Located(value, spot, this.#positions);
  }

  #convert(node: Node | null, depth: number, key: number): { readonly value: unknown; readonly spot: Spot } {
    if (node === null) return { value: null, spot: { key, value: key, scalar: null } };
    if (isAlias(node)) return this.#follow(node.source, node.range?.[0] ?? key, key);
    const before = this.#nodes;
    this.#nodes += 1;
    const at = node.range?.[0] ?? key;
    const spot: Spot = { key, value: at, scalar: isScalar(node) ? node : null };
    let value: unknown = null;
    if (depth > DEEPEST) {
      this.#faults.add('CAT_LIMIT', placeOf(this.#positions, at), {
        subject: 'The file',
        rule: `nests deeper than ${DEEPEST} levels here`,
      });
    } else if (isScalar(node)) value = node.value;
    else if (isSeq(node)) value = this.#list(node.items as ParsedNode[], depth);
    else if (isMap(node)) value = this.#map(node.items as { key: ParsedNode; value: ParsedNode | null }[], depth);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { value, nodes: this.#nodes - before, spot });
    return { value, spot };
  }

  #follow(name: string, at: number, key: number): { readonly value: unknown; readonly spot: Spot } {
    const place = placeOf(this.#positions, at);
    const target = this.#anchors.get(name);
    const nothing = { value: null, spot: { key, value: at, scalar: null } };
    if (target === undefined) {
      this.#faults.add('CAT_YAML', place, {
        reason: `The alias \`*${name}\` has no anchor \`&${name}\` that ends before it`,
      });
      return nothing;
    }
    if (this.#repeated <= MOST_REPEATED && this.#repeated + target.nodes > MOST_REPEATED) {
      this.#faults.add('CAT_LIMIT', place, {
        subject: `The alias \`*${name}\``,
        rule: `repeats too much: aliases of a file may repeat ${MOST_REPEATED} values`,
      });
    }
    this.#repeated += target.nodes;
    if (this.#repeated > MOST_REPEATED) return nothing;
    this.#nodes += target.nodes;
    return { value: target.value, spot: { ...target.spot, key, value: at } };
  }

  #list(items: readonly ParsedNode[], depth: number): unknown[] {
    const spots = new Map<number, Spot>();
    const list = items.map((item, index) => {
      const { value, spot } = this.#convert(item, depth + 1, item.range[0]);
      spots.set(index, spot);
      return value;
    });
    this.#positions.members.set(list, spots);
    return list;
  }

  #map(
    items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[],
    depth: number,
  ): Record<string, unknown> {
    const spots = new Map<string, Spot>();
    const map: Record<string, unknown> = {};
    for (const item of items) {
      const at = item.key.range[0];
      const place = placeOf(this.#positions, at);
      if (!isScalar(item.key)) {
        this.#faults.add('CAT_YAML', place, { reason: 'A key must be plain text, not a map, list or alias' });
        continue;
      }
      const key = item.key.source ?? String(item.key.value ?? '');
      const { value, spot } = this.#convert(item.value, depth + 1, at);
      const first = spots.get(key);
      if (key in Object.prototype) {
        this.#faults.add('CAT_NAME', place, {
          subject: `The name \`${key}\``,
          rule: 'is reserved; choose another one',
        });
      } else if (first !== undefined) {
        this.#faults.add('CAT_DUPLICATE_KEY', place, { key, first: placeOf(this.#positions, first.key) });
      } else {
        map[key] = value;
        spots.set(key, spot);
      }
    }
    this.#positions.members.set(map, spots);
    return map;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
