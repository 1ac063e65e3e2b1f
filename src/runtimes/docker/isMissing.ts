/** Whether the engine says that it has no such container, image or network. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}
