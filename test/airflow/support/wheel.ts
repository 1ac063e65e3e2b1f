import { crc32 } from 'node:zlib';

export interface Release {
  readonly name: string;
  readonly version: string;
  /** Requirements, as wheels name them. */
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  readonly yanked?: boolean;
  /** As the index tells it. */
  readonly uploaded?: string;
}

export function wheelName({ name, version }: Release): string {
  return `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`;
}

/** A wheel that holds an empty module of its name. */
export function wheel(release: Release): Buffer {
  const module = release.name.replaceAll('-', '_');
  const info = `${module}-${release.version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${release.name}`,
    `Version: ${release.version}`,
    ...(release.requiresPython === undefined ? [] : [`Requires-Python: ${release.requiresPython}`]),
    ...(release.requires ?? []).map((each) => `Requires-Dist: ${each}`),
  ];
  return zip({
    [`${module}/__init__.py`]: '',
    [`${info}/METADATA`]: `${metadata.join('\n')}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: `${module}/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  });
}

/** An archive without compression. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const body = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), fields, rest, Buffer.from(name)]));
    bodies.push(body);
    offset += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, directory, Buffer.from('PK\u0005\u0006'), end]);
}
