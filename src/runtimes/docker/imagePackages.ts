import type Docker from 'dockerode';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { connectToEngine } from './connectToEngine.ts';
import { isMissing } from './isMissing.ts';

/** Prints a line `name==version` for each package, with names as package indexes compare them. */
const LIST = `import importlib.metadata as metadata, re
for each in metadata.distributions():
    print(re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower() + "==" + each.version)`;

/**
 * Python packages of an image, name -> version: what its own `python3` finds. The image's entrypoint does not run, and
 * what runs has no network; the container is removed.
 *
 * @throws DevenvError `engine_not_found`; `image_not_found` (misuse), `image_without_packages`.
 */
export async function imagePackages(
  context: Pick<Context, 'env' | 'platform'>,
  image: string,
): Promise<ReadonlyMap<string, string>> {
  const { docker } = await connectToEngine(context);
  const container = await create(docker, image);
  try {
    await container.start();
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    const text = async (stream: 'stdout' | 'stderr') => textOf(await container.logs({ [stream]: true }));
    if (status !== 0) throw new Error((await text('stderr')).trim() || `python3 ended with ${status}`);
    return new Map(
      [...(await text('stdout')).matchAll(/^(\S+)==(\S+)$/gm)].map(([, name = '', version = '']) => [
        name,
        version,
      ]),
    );
  } catch (error) {
    throw new DevenvError({
      code: 'image_without_packages',
      what: `Can't list the Python packages of the image ${image}.`,
      why: error instanceof Error ? error.message : String(error),
      next: ['Name an image with python3, such as the one that production runs Airflow from'],
      cause: error,
    });
  } finally {
    await container.remove({ force: true }).catch(() => {});
  }
}

async function create(docker: Docker, image: string): Promise<Docker.Container> {
  try {
    return await docker.createContainer({
      Image: image,
      Entrypoint: ['python3', '-c', LIST],
      Cmd: [],
      NetworkDisabled: true,
      Labels: { 'airflow-devenv': 'image-packages' },
    });
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new DevenvError({
      code: 'image_not_found',
      what: `The Docker engine has no image ${image}.`,
      next: [`docker pull ${image}`, 'docker images names those that it has'],
      misuse: true,
      cause: error,
    });
  }
}

/** Docker's stream: frames with a head of eight bytes, whose last four are the length of what follows. */
function textOf(stream: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= stream.length;) {
    const end = at + 8 + stream.readUInt32BE(at + 4);
    parts.push(stream.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
