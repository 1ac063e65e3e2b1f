import { enableCompileCache } from 'node:module';

// The answer people and scripts ask for most often; everything else loads the program.
const [flag, ...rest] = process.argv.slice(2);
if ((flag === '--version' || flag === '-V') && rest.length === 0) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  enableCompileCache();
  const { main } = await import('./main.ts');
  await main(process);
}
