/** An image as container runtimes list it: `debian` is `docker.io/library/debian:latest`. Pure. */
export function fullImageName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const withRegistry = hasRegistry ? name : `docker.io/${rest.length === 0 ? 'library/' : ''}${name}`;
  const last = withRegistry.slice(withRegistry.lastIndexOf('/'));
  return /[:@]/.test(last) ? withRegistry : `${withRegistry}:latest`;
}

/** What an image of the project is called in the engine, where production's own may be, too. Pure. */
export function builtImageName(cluster: string, name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).replace(/@.*/, '');
  return `airflow-devenv/${cluster}/${last.toLowerCase()}`;
}
