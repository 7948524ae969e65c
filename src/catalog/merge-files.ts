import type { FaultList } from './fault.ts';
import { isMap, type Located } from './located.ts';
import { parseYaml } from './parse-yaml.ts';
import type { CatalogFile } from './read-directory.ts';
import { show } from './show.ts';

/** Keys of a catalog file that hold named things, and the word for one of them. */
const SECTIONS = { sources: 'Source', metrics: 'Metric', experiments: 'Experiment' } as const;
/** Keys of a catalog file that are said once in all files. */
const SETTINGS = ['clock', 'engine', 'analysis', 'models'] as const;

type Section = keyof typeof SECTIONS;

/** All files of a catalog as one. */
export interface MergedFiles {
  /** Name and definition in the order of the files; a name is in it once. */
  readonly sections: Readonly<Record<Section, readonly (readonly [string, Located])[]>>;
  readonly settings: ReadonlyMap<(typeof SETTINGS)[number], Located>;
}

/** Parses every file and puts their sections together; what is defined twice is a fault. */
export function mergeFiles(files: readonly CatalogFile[], faults: FaultList): MergedFiles {
  const sections: Record<Section, Map<string, Located>> = {
    sources: new Map(),
    metrics: new Map(),
    experiments: new Map(),
  };
  const settings = new Map<(typeof SETTINGS)[number], Located>();
  const known = [...SETTINGS, ...Object.keys(SECTIONS)];
  for (const file of files) {
    const root = parseYaml(file, faults);
    if (root === null || root.value === null) continue;
    if (!isMap(root.value)) {
      faults.add('CAT_TYPE', root.place, {
        subject: 'A catalog file',
        rule: 'must be a map of sections',
        got: show(root.value),
      });
      continue;
    }
    for (const [key, located] of root.members) {
      const section = (Object.keys(SECTIONS) as Section[]).find((name) => name === key);
      const setting = SETTINGS.find((name) => name === key);
      if (section !== undefined) addSection(section, located, sections[section], faults);
      else if (setting === undefined) {
        faults.add('CAT_UNKNOWN_FIELD', located.keyPlace, {
          subject: 'A catalog file',
          key,
          suggestion: faults.suggest(key, known),
          known,
        });
      } else if (settings.has(setting)) {
        faults.add('CAT_DUPLICATE', located.keyPlace, { what: `\`${key}\``, first: settings.get(setting)!.keyPlace });
      } else if (located.value !== null) settings.set(setting, located);
    }
  }
  return {
    sections: {
      sources: [...sections.sources],
      metrics: [...sections.metrics],
      experiments: [...sections.experiments],
    },
    settings,
  };
}

function addSection(section: Section, located: Located, merged: Map<string, Located>, faults: FaultList): void {
  if (located.value === null) return;
  if (!isMap(located.value)) {
    faults.add('CAT_TYPE', located.place, {
      subject: `\`${section}\``,
      rule: 'must be a map from name to definition',
      got: show(located.value),
    });
    return;
  }
  for (const [name, definition] of located.members) {
    const first = merged.get(name);
    if (first === undefined) merged.set(name, definition);
    else
      faults.add('CAT_DUPLICATE', definition.keyPlace, {
        what: `${SECTIONS[section]} \`${name}\``,
        first: first.keyPlace,
      });
  }
}
