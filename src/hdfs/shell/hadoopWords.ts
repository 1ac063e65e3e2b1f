/** What a command line of Hadoop's asks for, options that every program of it takes apart. */
export interface HadoopWords {
  /** `-D name=value`. */
  readonly properties: Readonly<Record<string, string>>;
  /** What is left, the command of the shell first: `-ls`, `/tmp`. */
  readonly rest: readonly string[];
}

/** Hadoop's "generic options" with a value, which choose another cluster or come from MapReduce. */
const WITH_VALUE = new Set(['-conf', '-fs', '-jt', '-files', '-libjars', '-archives']);

/** Takes Hadoop's generic options away from the front of the words; only `-D` has a meaning here. */
export function hadoopWords(words: readonly string[]): HadoopWords {
  const properties = Object.create(null) as Record<string, string>;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (WITH_VALUE.has(word)) at += 1;
    else if (word === '-D' || /^-D./.test(word)) {
      const text = word === '-D' ? (words[(at += 1)] ?? '') : word.slice(2);
      const [name = '', ...value] = text.split('=');
      properties[name] = value.join('=');
    } else break;
  }
  return { properties, rest: words.slice(at) };
}
