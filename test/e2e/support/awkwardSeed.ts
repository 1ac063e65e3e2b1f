import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DAG_HEADER } from './dags.ts';
import type { TestProject } from './project.ts';

/** Secrets of the awkward seed: none of them may ever be seen outside of the database. */
export const SECRETS = {
  pem: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC-4711',
  percent: 'p@ss/w%rd:5-9921',
  fromEnvironment: 'env-token-8f3a-6612',
  fromCommand: 'exec-secret-55d0-1187',
  fromFile: 'file-secret-90aa-7745',
  fromAge: 'age-secret-11cd-3390',
  nested: 'nested-api-key-77ee-2054',
} as const;

export const PEM = `-----BEGIN PRIVATE KEY-----\n${SECRETS.pem}\nAgEAAoIBAQC7-second-line-8842\n-----END PRIVATE KEY-----\n`;
export const LARGE = 'x'.repeat(1024 * 1024);

export const SEED_FILES = {
  'seed/key.pem': PEM,
  'seed/password.txt': `${SECRETS.fromFile}\n`,
  'seed/large.txt': LARGE,
  'seed/variables.yaml': `variables:
  pem: file:key.pem
  pem_inline: |
${PEM.replaceAll(/^/gm, '    ').trimEnd()}
  with_value_key: {value: 7, unit: ms}
  list: [1, two, null, [3.0]]
  single_item_list: [only]
  empty_string: ""
  empty_object: {}
  agent: "007"
  number: 42
  float: 1.0
  large_number: 12345678901234567890
  truth: true
  truth_text: "true"
  "yes": yes
  nothing: null
  date: 2026-01-31
  large: file:large.txt
  größe_日本: "ünïcødé 🚀"
  dotted.and spaced: "  spaces kept  "
  described: {value: [1], description: what it is for}
  template: "{{ ds }} $HOME $\${NAME} {a}"
  multi: "line one\\nline two\\n"
  from_env: \${SEED_TOKEN}
  with_default: "a-\${NOT_SET_ANYWHERE:-b}-c"
  from_command: exec:./devenv-seed-tool
  quoted_json: '{"a": 1}'
  literal: literal:file:key.pem
  nested: {keep: {Case: [{camelCase: "\${SEED_NESTED_API_KEY}"}]}}
`,
  'seed/connections.json': JSON.stringify({
    connections: {
      uri: 'postgres://user%40corp:p%40ss%2Fw%25rd%3A5-9921@db.example.org:5433/data%2Fbase?sslmode=require',
      camel: {
        conn_type: 'http',
        host: 'https://example.org/a?b=c',
        port: '8443',
        login: '',
        password: 'file:password.txt',
        extra: { camelCase: { innerKey: [1, { DeepKey: null }] }, UPPER: '01', flag: true },
      },
      by_age: { conn_type: 'aws', login: 'AKIA', extra: { region_name: 'eu-west-1' } },
    },
  }),
  'seed/pools.yaml':
    'pools:\n  deferring: {slots: 3, include_deferred: true, description: "with: colon"}\n  endless: -1\n',
  'dags/read_back.py': `${DAG_HEADER}
try:
    from airflow.sdk import BaseHook, Variable
except ImportError:
    from airflow.hooks.base import BaseHook
    from airflow.models import Variable
import json
with DAG("read_back", schedule=None, start_date=START):
    @task
    def work():
        asked = json.loads(Path("asked.json").read_text())
        found = {"text": {}, "json": {}, "connections": {}}
        for key in asked["variables"]:
            found["text"][key] = text = Variable.get(key)
            try:
                json.loads(text)
            except ValueError:
                continue
            value = Variable.get(key, deserialize_json=True)
            found["json"][key] = [type(value).__name__, value]
        for key in asked["connections"]:
            connection = BaseHook.get_connection(key)
            fields = ("conn_type", "host", "login", "password", "schema", "port")
            found["connections"][key] = {each: getattr(connection, each) for each in fields}
            found["connections"][key]["extra"] = connection.extra_dejson
        if "show" in asked:
            for key in asked["show"]:
                print("shown", key, Variable.get(key), flush=True)
            print("shown from file", Path("seed/password.txt").read_text(), flush=True)
            print("shown in json", json.dumps({"pem": Variable.get("pem")}), flush=True)
        Path("found.json").write_text(json.dumps(found))
    work()
`,
};

export interface Found {
  readonly text: Record<string, string>;
  readonly json: Record<string, [string, unknown]>;
  readonly connections: Record<string, Record<string, unknown>>;
}

export async function readBack(project: TestProject): Promise<Found> {
  return JSON.parse(await readFile(path.join(project.root, 'found.json'), 'utf8')) as Found;
}
