import type { SourceLocation } from '../../errors.ts';
import { failure, mistake } from '../seedProblem.ts';

/** Identities that may decrypt, and where they came from. */
export interface AgeIdentities {
  /** `AGE-SECRET-KEY-1…` */
  readonly keys: readonly string[];
  /** For a person: a file, or the name of an environment variable. */
  readonly origin: string;
}

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';

/** Whether a text is a value encrypted with age, in its armored form. */
export function isEncrypted(text: string): boolean {
  return text.trimStart().startsWith(BEGIN);
}

/** @throws DevenvError `age_identity_wrong` when none of the identities can, `age_value_damaged`. */
export async function decryptText(
  armored: string,
  identities: AgeIdentities,
  place: SourceLocation,
): Promise<string> {
  const { armor, Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const key of identities.keys) decrypter.addIdentity(key);
  let encrypted: Uint8Array;
  try {
    encrypted = armor.decode(armored.trim());
  } catch (cause) {
    throw damaged(place, cause);
  }
  try {
    return await decrypter.decrypt(encrypted, 'text');
  } catch (cause) {
    const isOthers = cause instanceof Error && /no identity matched/i.test(cause.message);
    throw isOthers ? notForUs(place, identities) : damaged(place, cause);
  }
}

/** @param recipients `age1…`, checked. */
export async function encryptText(text: string, recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
}

function notForUs(place: SourceLocation, { origin }: AgeIdentities) {
  return failure(place, {
    code: 'age_identity_wrong',
    what: 'This value is not encrypted for your age identity.',
    why: `The identity in ${origin} is none of those that it was encrypted for.`,
    next: [
      'Ask somebody who can read it to add your recipient: devenv secrets rekey --add RECIPIENT',
      'devenv secrets list shows your recipient and those of the file',
    ],
  });
}

function damaged(place: SourceLocation, cause: unknown) {
  return mistake(place, {
    code: 'age_value_damaged',
    what: 'This encrypted value is damaged.',
    why: 'It was cut or changed after it had been encrypted; a merge conflict may have done it.',
    next: ['Take it from Git again, or set it anew: devenv secrets set NAME'],
    cause,
  });
}
