import { DevenvError, type DevenvErrorFields } from '../errors.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { constraintsOf } from './projectLock.ts';
import { withoutPasswords } from './passwords.ts';
import { projectName, readRequirements, type RequirementLine } from './requirements.ts';

/** Says what uv's failure means for the person whose requirements they are. */
export function installError(plan: EnvironmentPlan, stderr: string): DevenvError {
  const explanation = uvExplanation(stderr);
  const fields = indexVerdict(plan, stderr) ?? conflict(plan, stderr) ?? buildFailed(plan, stderr);
  return new DevenvError({ ...(fields ?? unknown(plan)), why: explanation });
}

/** An error for what keeps uv from the package index or from writing; undefined when it is something else. */
export function indexError(stderr: string): DevenvError | undefined {
  const fields = machine(stderr);
  return fields && new DevenvError({ ...fields, why: uvExplanation(stderr) });
}

/** True when uv got all it needed and found that the requirements exclude each other. */
export function isConflict(stderr: string): boolean {
  return machine(stderr) === undefined && /No solution found|unsatisfiable|conflicting/i.test(stderr);
}

function machine(stderr: string): Verdict | undefined {
  return diskFull(stderr) ?? unauthorized(stderr) ?? unreachable(stderr);
}

/** With the line of the package that could not be had, where it is the author's. */
function indexVerdict(plan: EnvironmentPlan, stderr: string): Verdict | undefined {
  const verdict = machine(stderr);
  const [line] = mentionedLines(plan, stderr);
  if (verdict === undefined || line === undefined) return verdict;
  return { ...verdict, location: { file: line.file, line: line.line } };
}

type Verdict = Omit<DevenvErrorFields, 'why'>;

/** uv tells first what it does and then, from `error:` or the cross on, what went wrong. No password is in it. */
export function uvExplanation(stderr: string): string {
  const lines = withoutPasswords(stderr).trim().split('\n');
  const start = lines.findIndex((line) => /^\s*(error:|×|x )/.test(line));
  const told = start === -1 ? lines : lines.slice(start);
  const shown = told.length > MOST_LINES ? [...told.slice(0, 10), '…', ...told.slice(10 - MOST_LINES)] : told;
  return shown.join('\n') || 'uv printed nothing.';
}

const MOST_LINES = 40;

function diskFull(stderr: string): Verdict | undefined {
  if (!/No space left on device|Disk quota exceeded/i.test(stderr)) return undefined;
  return {
    code: 'disk_full',
    what: 'The disk is full: the packages could not be installed.',
    next: [
      'Free some space (an environment needs about 1 GB, uv’s cache as much) and run the command again',
      'Or keep the cache elsewhere: AIRFLOW_DEVENV_CACHE=/a/folder/of/yours',
    ],
  };
}

function unauthorized(stderr: string): Verdict | undefined {
  const refused =
    /\b(401 Unauthorized|403 Forbidden|407 Proxy Authentication Required)\b|valid authentication credentials/i;
  if (!refused.test(stderr)) return undefined;
  return {
    code: 'index_unauthorized',
    what: 'A package index refuses the request: it wants a name and a password, or others than it got.',
    next: [
      'Put them into ~/.netrc (machine HOST login NAME password PASSWORD, mode 0600)',
      'Or name the index in ~/.config/uv/uv.toml and set UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD',
      'Or let uv ask the keyring: UV_KEYRING_PROVIDER=subprocess',
    ],
  };
}

function unreachable(stderr: string): Verdict | undefined {
  const network =
    /error sending request|dns error|Failed to fetch|tcp connect error|timed out|Network connectivity is disabled/i;
  if (!network.test(stderr)) return undefined;
  return {
    code: 'packages_unreachable',
    what: 'The package index can’t be reached, and not all packages are on this machine yet.',
    next: [
      ...(/certificate/i.test(stderr) ? [CERTIFICATES] : []),
      'Check the network and run the command again: what is downloaded is kept',
      'Behind a proxy, set HTTPS_PROXY',
      'For an index of your own set UV_DEFAULT_INDEX, or write it to ~/.config/uv/uv.toml (uv does not read pip.conf)',
    ],
  };
}

const CERTIFICATES =
  'Make uv trust your network’s certificates: UV_SYSTEM_CERTS=1, or SSL_CERT_FILE=/path/to/ca-bundle.pem';

function conflict(plan: EnvironmentPlan, stderr: string): Verdict | undefined {
  if (!isConflict(stderr)) return undefined;
  const pins = constraintsOf(plan);
  const lines = mentionedLines(plan, stderr);
  // The lines that speak of a locked package themselves come first: they are the likely cause.
  const [culprit, ...others] = lines.toSorted((left, right) => rank(left, pins) - rank(right, pins));
  const airflow = `Airflow ${plan.airflowVersion} on Python ${plan.pythonMinor}`;
  if (culprit === undefined) {
    return { code: 'requirements_conflict', what: `The requirements don't fit ${airflow}.`, next: ADVICE };
  }
  const pin = pins.get(culprit.name ?? '');
  return {
    code: 'requirements_conflict',
    what: `The requirement "${withoutPasswords(culprit.text)}" does not fit ${airflow}.`,
    location: { file: culprit.file, line: culprit.line },
    next: [
      // The constraints only advise: what was asked for has been tried without them already.
      ...(pin === undefined
        ? []
        : [
            `A bound that allows ${culprit.name} ${pin} fits Airflow: the constraints of ${plan.airflowVersion} have it`,
          ]),
      ...others
        .slice(0, 3)
        .map(({ file, line, text }) => `Look at ${file}:${line} too: ${withoutPasswords(text)}`),
      ...ADVICE,
    ],
    misuse: true,
  };
}

const ADVICE = [
  'Loosen the version of the requirement that uv names above',
  'Or choose the version of Airflow it was made for: airflow.version in devenv.yaml',
];

function mentionedLines(plan: EnvironmentPlan, stderr: string): readonly RequirementLine[] {
  const mentioned = new Set([...stderr.matchAll(/[A-Za-z0-9][\w.-]*/g)].map(([word]) => projectName(word)));
  return readRequirements(plan.requirements).filter(({ name }) => name !== undefined && mentioned.has(name));
}

function rank(line: RequirementLine, pins: ReadonlyMap<string, string>): number {
  return pins.has(line.name ?? '') ? 0 : 1;
}

function buildFailed(plan: EnvironmentPlan, stderr: string): Verdict | undefined {
  const name =
    /Failed to (?:build|download and build) `?([A-Za-z0-9][\w.-]*?)(?:==[^`\s]*|@[^`]*| @[^`]*)?`/.exec(
      stderr,
    )?.[1];
  if (name === undefined) return undefined;
  const line = readRequirements(plan.requirements).find((each) => each.name === projectName(name));
  return {
    code: 'requirement_build_failed',
    what: `The package ${name} has no ready-made wheel for Python ${plan.pythonMinor}, and building it failed.`,
    ...(line === undefined ? {} : { location: { file: line.file, line: line.line } }),
    next: [
      'Install what its build asks for above (a compiler, a library’s headers) and run the command again',
      'Or choose a version of it that has wheels, or another airflow.python in devenv.yaml',
    ],
  };
}

function unknown(plan: EnvironmentPlan): Verdict {
  return {
    code: 'environment_install_failed',
    what: `uv can't install Airflow ${plan.airflowVersion} and the requirements of the project.`,
    next: ['Correct what uv says above and run the command again'],
  };
}
