import os from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCENARIO } from './support/differentialScenario.ts';
import { hadoopClassPath, type RealHdfs, startRealHdfs } from './support/hadoop.ts';
import { KNOWN_DIFFERENCES } from './support/knownDifferences.ts';
import { type MockHdfs, startMockHdfs } from './support/mockHdfs.ts';
import { normalizeAnswer } from './support/normalizeAnswer.ts';
import { ask, type WebHdfsRequest } from './support/webHdfsRequest.ts';

let real: RealHdfs | undefined;
let mock: MockHdfs | undefined;
const metDifferences = new Set<string>();

beforeAll(async () => {
  mock = await startMockHdfs();
  real = await startRealHdfs(await hadoopClassPath('pom.xml', '3.4.1'));
});

afterAll(async () => {
  await mock?.close();
  await real?.end();
});

for (const [name, lines] of Object.entries(SCENARIO)) {
  test(`Hadoop 3.4.1 and the mock answer the same: ${name}`, async () => {
    for (const [verb, path, query, body] of lines) {
      const request = withSuperuser({ verb, path, query, ...(body === undefined ? {} : { body }) });
      const [ours, theirs] = [await ask(mock!.address, request), await ask(real!.address, request)];
      const known = knownDifference(`${path}?${query}`);
      const [one, other] = [normalizeAnswer(request, ours), normalizeAnswer(request, theirs)];
      if (known === undefined || one === other) expect(one, `${verb} ${path}?${query}`).toBe(other);
      else metDifferences.add(known);
    }
  });
}

test('each known difference is still one', () => {
  expect([...metDifferences].sort()).toEqual(Object.keys(KNOWN_DIFFERENCES).sort());
});

function knownDifference(request: string): string | undefined {
  return Object.keys(KNOWN_DIFFERENCES).find((part) => request.includes(part));
}

/** Both take who runs them for the superuser. */
function withSuperuser(request: WebHdfsRequest): WebHdfsRequest {
  return { ...request, query: request.query.replaceAll(/=root\b/g, `=${os.userInfo().username}`) };
}
