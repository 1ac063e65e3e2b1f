/** Hadoop's properties by name, in the order of the file. */
export type HadoopProperties = Readonly<Record<string, string>>;

/**
 * The properties of a `*-site.xml`: of several with one name the last counts, unless an earlier one is final, as
 * `org.apache.hadoop.conf.Configuration` reads them. Anything that is no property is passed over.
 */
export function readHadoopXml(text: string): HadoopProperties {
  const found = Object.create(null) as Record<string, string>;
  const final = new Set<string>();
  const plain = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const [, body = ''] of plain.matchAll(/<property(?:\s[^>]*)?>([\s\S]*?)<\/property>/g)) {
    const name = textOf(body, 'name')?.trim();
    const value = textOf(body, 'value');
    if (name === undefined || name === '' || value === undefined || final.has(name)) continue;
    found[name] = value;
    if (textOf(body, 'final')?.trim() === 'true') final.add(name);
  }
  return found;
}

/** @param remark stands at the head of the file, for whoever opens it. */
export function writeHadoopXml(properties: HadoopProperties, remark: string): string {
  const lines = Object.entries(properties).map(
    ([name, value]) =>
      `  <property>\n    <name>${escape(name)}</name>\n    <value>${escape(value)}</value>\n  </property>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${remark.replaceAll('--', '- -')} -->`,
    '<configuration>',
    ...lines,
    '</configuration>',
    '',
  ].join('\n');
}

function textOf(body: string, element: string): string | undefined {
  if (new RegExp(`<${element}\\s*/>`).test(body)) return '';
  const inner = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(body)?.[1];
  if (inner === undefined) return undefined;
  const [, data] = /^\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*$/.exec(inner) ?? [];
  return data ?? unescape(inner);
}

const ENTITIES = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
]);

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
