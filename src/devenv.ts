// The answer people and scripts ask for most often; everything else loads the program. What is in this file, and nothing
// else of the program, has to be understood by a Node that is too old for it.
const [flag, ...rest] = process.argv.slice(2);
if ((flag === '--version' || flag === '-V') && rest.length === 0) {
  process.stdout.write(`${__VERSION__}\n`);
} else if (isTooOld(process.versions.node, __NODE_MINIMUM__)) {
  process.stderr.write(
    `error: devenv needs Node.js ${__NODE_MINIMUM__} or newer; this is ${process.versions.node}, ${process.execPath}.\n` +
      '  → Install a newer one (https://nodejs.org, or your version manager), then install devenv again with its npm\n',
  );
  process.exitCode = 1;
} else {
  const { useCompileCache } = await import('./platform/compileCache.ts');
  useCompileCache(process);
  const { main } = await import('./main.ts');
  await main(process);
}

function isTooOld(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = minimum.split('.').map(Number);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}
