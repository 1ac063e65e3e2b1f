import { RemoteException } from '../store/remoteException.ts';

/** The parameters of a request, read as HDFS reads them and refused in its words. */
export class Parameters {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Undefined when it is absent or empty. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)?.[0];
    return value === '' ? undefined : value;
  }

  all(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).filter((value) => value !== '');
  }

  /** @throws RemoteException IllegalArgumentException */
  required(name: string, operation: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new RemoteException(
      'IllegalArgumentException',
      `Required param ${name} for op: ${operation} is null or empty`,
    );
  }

  /** @throws RemoteException IllegalArgumentException */
  matching(name: string, pattern: RegExp, domain = pattern.source): string | undefined {
    const value = this.text(name);
    if (value === undefined || pattern.test(value)) return value;
    return refuse(name, `Invalid value: "${value}" does not belong to the domain ${domain}`);
  }

  boolean(name: string, absent: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === 'null') return absent;
    if (value === 'true' || value === 'false') return value === 'true';
    return refuse(name, `Failed to parse "${this.text(name)}" to Boolean.`);
  }

  /** Undefined when it is absent or `null`. */
  long(name: string, limits: Limits = {}): number | undefined {
    return this.#number(name, 10, 'long', Number.MAX_SAFE_INTEGER, limits);
  }

  short(name: string, limits: Limits = {}): number | undefined {
    return this.#number(name, 10, 'short', 0x7fff, limits);
  }

  /** An octal mode. */
  mode(name: string): number | undefined {
    return this.#number(name, 8, 'short', 0x7fff, { least: 0, most: 0o1777 });
  }

  /** Several names of a set, as `CREATE,REPLACE`, upper-case. */
  set(name: string, enumeration: string, known: readonly string[]): readonly string[] {
    const values = (this.text(name) ?? '').split(',').map((value) => value.trim().toUpperCase());
    const given = values.filter((value) => value !== '');
    for (const value of given) {
      if (!known.includes(value)) refuse(name, `No enum constant ${enumeration}.${value}`);
    }
    return given;
  }

  #number(name: string, radix: 8 | 10, type: string, most: number, limits: Limits): number | undefined {
    const text = this.text(name);
    if (text === undefined || text === 'null') return undefined;
    const value = Number.parseInt(text, radix);
    const digits = radix === 8 ? /^[+-]?[0-7]+$/ : /^[+-]?\d+$/;
    if (!digits.test(text)) return notANumber(name, text, radix, type);
    // A long beyond what JavaScript counts exactly is as good as infinite here.
    const capped =
      type === 'long' && Math.abs(value) <= 2 ** 63 ? Math.max(-most, Math.min(value, most)) : value;
    if (Math.abs(capped) > most) return notANumber(name, text, radix, type);
    const shown = (each: number): string => each.toString(radix);
    if (limits.least !== undefined && capped < limits.least) {
      refuse(name, `Invalid parameter range: ${name} = ${shown(capped)} < ${shown(limits.least)}`);
    }
    if (limits.most !== undefined && capped > limits.most) {
      refuse(name, `Invalid parameter range: ${name} = ${shown(capped)} > ${shown(limits.most)}`);
    }
    return capped;
  }
}

interface Limits {
  readonly least?: number;
  readonly most?: number;
}

/** @throws RemoteException IllegalArgumentException */
export function refuse(name: string, why: string): never {
  throw new RemoteException(
    'IllegalArgumentException',
    `Invalid value for webhdfs parameter "${name}": ${why}`,
  );
}

function notANumber(name: string, text: string, radix: number, type: string): never {
  return refuse(name, `Failed to parse "${text}" as a radix-${radix} ${type} integer.`);
}
