/** The status line and header of an answer, with its empty last line. */
export function responseHead(status: number, headers: Readonly<Record<string, string | number>>): string {
  let text = `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\n`;
  for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** An answer to what is no request. The connection ends with it. */
export function errorAnswer(status: number, reason: string): string {
  const headers = { 'Content-Type': 'text/plain', 'Content-Length': reason.length, 'Connection': 'close' };
  return responseHead(status, headers) + reason;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
};
