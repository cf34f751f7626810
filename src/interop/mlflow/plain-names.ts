/** Turns foreign names into refit names: letters, digits, `-`, `_` and `.`, starting with a letter or digit. */
export interface PlainNamer {
  readonly nameOf: (name: string) => string;
  /** One sentence for each changed name. */
  readonly notes: () => readonly string[];
}

export function createPlainNamer(what: string): PlainNamer {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return {
    nameOf: (name) => {
      const known = given.get(name);
      if (known !== undefined) return known;
      const plain = name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'unnamed';
      let free = plain;
      for (let n = 2; taken.has(free); n++) free = `${plain}-${n}`;
      taken.add(free);
      given.set(name, free);
      return free;
    },
    notes: () => [...given].flatMap(([name, to]) => (name === to ? [] : [`${what} "${name}" is called ${to} here`])),
  };
}
