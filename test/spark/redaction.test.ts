import { expect, test } from 'vitest';
import { REDACTED, redactArguments } from '../../src/spark/redaction.ts';

test('secrets of settings, options and addresses are gone, everything else stays', () => {
  const words = [
    '--conf',
    'spark.hadoop.fs.s3a.secret.key=hunter2',
    '--conf',
    'spark.executor.memory=4g',
    'job.py',
    '--db-password',
    'hunter2',
    '--api-token=hunter2',
    'jdbc:postgresql://me:hunter2@host/db',
    'plain',
  ];
  expect(redactArguments(words)).toEqual([
    '--conf',
    `spark.hadoop.fs.s3a.secret.key=${REDACTED}`,
    '--conf',
    'spark.executor.memory=4g',
    'job.py',
    '--db-password',
    REDACTED,
    `--api-token=${REDACTED}`,
    `jdbc:postgresql://me:${REDACTED}@host/db`,
    'plain',
  ]);
});

test('secrets within a word are gone: options of Java, parameters of an address', () => {
  const words = [
    '--conf',
    'spark.driver.extraJavaOptions=-Xss4m -Djavax.net.ssl.keyStorePassword=hunter2 -Da=b',
    'jdbc:sqlserver://host;user=me;password=hunter2;encrypt=true',
    'https://host/file?x=1&access_token=hunter2',
  ];
  expect(redactArguments(words)).toEqual([
    '--conf',
    `spark.driver.extraJavaOptions=-Xss4m -Djavax.net.ssl.keyStorePassword=${REDACTED} -Da=b`,
    `jdbc:sqlserver://host;user=me;password=${REDACTED};encrypt=true`,
    `https://host/file?x=1&access_token=${REDACTED}`,
  ]);
});
