/** The words by which Airflow itself tells that a value must be hidden. */
const WORDS = [
  'access_token',
  'api_key',
  'apikey',
  'authorization',
  'passphrase',
  'passwd',
  'password',
  'private_key',
  'proxy_password',
  'secret',
  'token',
  'keyfile_dict',
  'service_account',
];

export function hasSensitiveName(name: string): boolean {
  const lower = name.toLowerCase();
  return WORDS.some((word) => lower.includes(word));
}
