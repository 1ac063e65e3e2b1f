import { existsSync } from 'node:fs';
import type { ImageBuild } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { runCommand } from '../../platform/childProcess.ts';
import { findProgram } from '../../platform/findProgram.ts';
import type { Engine } from '../../runtimes/docker/connectToEngine.ts';

/**
 * Builds an image with the docker program, which asks its cache: one that has not changed costs about a second.
 *
 * @param name what it is called in the engine.
 * @throws DevenvError `image_not_built` with the end of the build's output, `docker_program_not_found`.
 */
export async function buildImage(
  context: Context,
  engine: Engine,
  name: string,
  build: ImageBuild,
): Promise<void> {
  const docker = findProgram('docker', context.env);
  if (docker === undefined) throw programNotFound(name);
  const words = [
    ...['build', '--tag', name, '--file', build.dockerfile],
    ...(build.target === undefined ? [] : ['--target', build.target]),
    ...Object.entries(build.args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...certificates(context.env),
    build.context,
  ];
  try {
    await runCommand(docker, words, {
      env: { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', ...context.env, ...engine.variables },
      signal: context.signal,
    });
  } catch (cause) {
    context.signal.throwIfAborted();
    throw notBuilt(name, build, cause);
  }
}

/** Variables by which programs of this machine trust a company's proxy that reads TLS. */
const CERTIFICATE_VARIABLES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];

/** A Dockerfile may mount it: `RUN --mount=type=secret,id=ca-certificates …`. */
function certificates(env: Context['env']): string[] {
  const file = CERTIFICATE_VARIABLES.map((name) => env[name]).find((each) => each && existsSync(each));
  return file === undefined ? [] : ['--secret', `id=ca-certificates,src=${file}`];
}

function programNotFound(name: string): DevenvError {
  return new DevenvError({
    code: 'docker_program_not_found',
    what: `The image ${name} can't be built: there is no docker program on PATH.`,
    next: ['Install the Docker CLI with buildx, or name an image of the engine in place of build:'],
  });
}

function notBuilt(name: string, build: ImageBuild, cause: unknown): DevenvError {
  const why = cause instanceof DevenvError ? (cause.why ?? cause.what) : String(cause);
  return new DevenvError({
    code: 'image_not_built',
    what: `The image ${name} could not be built from ${build.dockerfile}.`,
    why,
    next: [`docker build -f ${build.dockerfile} ${build.context} shows all of it`],
    cause,
  });
}
