import type { Encrypter } from 'age-encryption';
import { DevenvError, type SourceLocation } from '../../errors.ts';
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

/**
 * @param recipients `age1…`
 * @throws DevenvError `age_recipient_invalid` (misuse).
 */
export async function encryptText(text: string, recipients: readonly string[]): Promise<string> {
  const { armor } = await import('age-encryption');
  const encrypter = await checkRecipients(recipients);
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * The form alone says little: a recipient has a checksum.
 *
 * @returns what encrypts for them.
 * @throws DevenvError `age_recipient_invalid` (misuse).
 */
export async function checkRecipients(recipients: readonly string[]): Promise<Encrypter> {
  const { Encrypter: AgeEncrypter } = await import('age-encryption');
  const encrypter = new AgeEncrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw notRecipient(recipient, cause);
    }
  }
  return encrypter;
}

function notRecipient(recipient: string, cause: unknown): DevenvError {
  const isIdentity = recipient.startsWith('AGE-SECRET-KEY-');
  return new DevenvError({
    code: 'age_recipient_invalid',
    what: isIdentity
      ? 'This is an age identity, which is secret, and no recipient.'
      : `"${recipient}" is no age recipient.`,
    why: isIdentity
      ? 'It should never be in a file of others or in a command line.'
      : 'A recipient begins with age1 and ends with a checksum; a letter may be missing or wrong.',
    next: ['devenv secrets list prints the recipient of whoever runs it', 'devenv secrets rekey --add age1…'],
    misuse: true,
    cause,
  });
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
