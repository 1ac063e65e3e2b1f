/** Of the UI and the API of a stack. */
export function urlOf(stack: { readonly port: () => number }): string {
  return `http://127.0.0.1:${stack.port()}`;
}
