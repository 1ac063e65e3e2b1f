/** Maven's public repository, where nobody names another. */
const PUBLIC_REPOSITORY = 'https://repo1.maven.org/maven2';

export interface MavenCoordinates {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly extension: string;
  readonly classifier: string | undefined;
}

/**
 * `group:artifact:version`, `group:artifact:extension:version` or `group:artifact:extension:classifier:version`, as
 * Maven writes them; `undefined` for anything else.
 */
export function parseCoordinates(text: string): MavenCoordinates | undefined {
  const parts = text.replace(/^maven:/, '').split(':');
  if (parts.length < 3 || parts.length > 5 || parts.some((part) => !/^[\w.-]+$/.test(part))) return undefined;
  const [group = '', artifact = ''] = parts;
  const version = parts.at(-1) ?? '';
  const extension = parts.length > 3 ? (parts[2] ?? 'jar') : 'jar';
  return { group, artifact, version, extension, classifier: parts.length > 4 ? parts[3] : undefined };
}

/** Where each of the repositories has it, in the layout of Maven 2. */
export function mavenAddresses(coordinates: MavenCoordinates, repositories: readonly string[]): string[] {
  const { group, artifact, version, extension, classifier } = coordinates;
  const suffix = classifier === undefined ? '' : `-${classifier}`;
  const file = `${artifact}-${version}${suffix}.${extension}`;
  const path = [...group.split('.'), artifact, version, file].map(encodeURIComponent).join('/');
  const bases = repositories.length === 0 ? [PUBLIC_REPOSITORY] : repositories;
  return bases.map((base) => `${base.replace(/\/+$/, '')}/${path}`);
}
