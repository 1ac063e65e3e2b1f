type Variables = Readonly<Record<string, string | undefined>>;

/** It decrypts secrets: only this process needs it. */
const OWN_SECRETS: ReadonlySet<string> = new Set(['AIRFLOW_DEVENV_AGE_IDENTITY']);

/**
 * The environment of a child process, whichever it is: every start of one in `platform/` goes through here. It is what
 * was asked for without the keys that are for this process alone.
 */
export function childVariables(env: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(withoutOwnSecrets(env)).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

/** The same for variables that reach code of others in another way: a request, or a text of a seed. */
export function withoutOwnSecrets(env: Variables): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SECRETS.has(name)));
}
