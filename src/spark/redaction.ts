/** What takes the place of a secret; Spark's own word for it. */
export const REDACTED = '*********(redacted)';

/** Spark's `spark.redaction.regex`, with what else secrets are called. */
const NAMES =
  'secret|passw(?:or)?d|token|access[._-]?key|api[._-]?key|credential|passphrase|private[._-]?key';
const SENSITIVE = new RegExp(NAMES, 'i');

/** `-Djavax.net.ssl.keyStorePassword=x` among Java's options, `?password=x` and `;password=x` in addresses. */
const NAMED_WITHIN = new RegExp(`([\\w.-]*(?:${NAMES})[\\w.-]*=)[^\\s&;,"']+`, 'gi');

export function isSensitive(name: string): boolean {
  return SENSITIVE.test(name);
}

/** A command line as it may be kept and shown: values of settings and options with the names of secrets are gone. */
export function redactArguments(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    // The value of `--password x`, but not of `--conf password=x`, whose name is in the word itself.
    if (/^--?[A-Za-z]/.test(before) && !before.includes('=') && isSensitive(before)) return REDACTED;
    const setting = /^([^=\s]+)=(.*)$/s.exec(word);
    if (setting !== null && isSensitive(setting[1] ?? '')) return `${setting[1]}=${REDACTED}`;
    return redactAddress(word).replaceAll(NAMED_WITHIN, `$1${REDACTED}`);
  });
}

/** `https://user:password@host` */
function redactAddress(word: string): string {
  return word.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^/\s:@]*):[^/\s@]+@/gi, `$1:${REDACTED}@`);
}
