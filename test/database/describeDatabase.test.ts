import { describe, expect, it } from 'vitest';
import {
  databaseName,
  describeDatabase,
  schemaFingerprint,
  templateName,
} from '../../src/database/describeDatabase.ts';

const environment = { airflowVersion: '3.3.2', fingerprint: 'abc' };

describe('describeDatabase', () => {
  it('gives the address of a Postgres database on a Unix socket', () => {
    const project = { stateDirectory: '/p/.devenv', database: 'postgres' } as const;
    expect(describeDatabase(project, environment, '/run/x/0123456789')).toEqual({
      kind: 'postgres',
      name: 'airflow_3_3',
      url: 'postgresql+psycopg2://postgres@/airflow_3_3?host=/run/x/0123456789/pg&port=5432',
      socketDirectory: '/run/x/0123456789/pg',
      port: 5432,
    });
  });

  it('escapes what the runtime folder has of its own in the address', () => {
    const project = { stateDirectory: '/p/.devenv', database: 'postgres' } as const;
    const { url } = describeDatabase(project, environment, '/run/my dir&é');
    expect(url).toContain('host=/run/my%20dir%26%C3%A9/pg&port=5432');
  });

  it('gives an absolute file address for SQLite', () => {
    const project = { stateDirectory: '/my p/.devenv', database: 'sqlite' } as const;
    expect(describeDatabase(project, environment, '/run/x')).toEqual({
      kind: 'sqlite',
      name: 'airflow_3_3',
      url: 'sqlite:////my p/.devenv/sqlite/airflow_3_3.db',
    });
  });
});

describe('databaseName', () => {
  it.each([
    ['2.11.2', 'airflow_2_11'],
    ['3.4.0rc1', 'airflow_3_4'],
    ['3.3', 'airflow_3_3'],
  ])('is the same for every patch release: %s', (version, name) => {
    expect(databaseName(version)).toBe(name);
  });

  it('refuses what is no version', () => {
    expect(() => databaseName('latest; drop database x')).toThrow(/is not a version of Airflow/);
  });
});

describe('schemaFingerprint', () => {
  it('differs by environment and by the settings that a fresh database keeps', () => {
    const fingerprints = [
      schemaFingerprint(environment, {}),
      schemaFingerprint({ ...environment, fingerprint: 'abd' }, {}),
      schemaFingerprint({ ...environment, airflowVersion: '3.3.1' }, {}),
      schemaFingerprint(environment, { AIRFLOW__CORE__AUTH_MANAGER: 'x' }),
    ];
    expect(new Set(fingerprints).size).toBe(4);
  });

  it('does not care for other settings', () => {
    expect(schemaFingerprint(environment, { AIRFLOW__CORE__FERNET_KEY: 'x' })).toBe(
      schemaFingerprint(environment, {}),
    );
  });

  it('makes a name Postgres takes without quotes', () => {
    expect(templateName(schemaFingerprint(environment, {}))).toMatch(/^airflow_template_[0-9a-f]{8}$/);
  });
});
