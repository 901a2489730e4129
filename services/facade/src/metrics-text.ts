/** Joins figures in Prometheus' text format that come from several processes. */

interface Family {
  readonly comments: string[];
  readonly samples: Map<string, string>;
}

/**
 * One text of several: every family once, every series once, and of a series that occurs in more
 * than one text the value in the first. (A tracker reports the same figures to each of its
 * stores, and in one process with us they stand in our own registry too.)
 */
export function mergeMetricsTexts(texts: readonly string[]): string {
  const families = new Map<string, Family>();
  for (const text of texts) {
    let name: string | undefined;
    for (const line of text.split('\n')) {
      const declared = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1];
      if (declared !== undefined) {
        name = declared;
        const { comments } = familyOf(families, name);
        const kind = line.slice(0, '# HELP'.length);
        if (!comments.some((comment) => comment.startsWith(kind))) {
          comments.push(line);
        }
      } else if (line !== '' && !line.startsWith('#')) {
        const [series = line] = /^[^\s{]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?/.exec(line) ?? [];
        const { samples } = familyOf(families, name ?? series);
        if (!samples.has(series)) {
          samples.set(series, line);
        }
      }
    }
  }
  return [...families.values()]
    .flatMap(({ comments, samples }) => [...comments, ...samples.values()])
    .map((line) => `${line}\n`)
    .join('');
}

function familyOf(families: Map<string, Family>, name: string): Family {
  let family = families.get(name);
  if (!family) {
    family = { comments: [], samples: new Map() };
    families.set(name, family);
  }
  return family;
}
