// Works with 10,000 sessions and kills the server on the way; ends with 1 where anything is left or lost.
import { soak } from './soak';
import { DRIVER_NAMES, DriverName } from '../../src/local/sessions';

function numberOf(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is ${process.env[name]}; give a whole number`);
  return value;
}

function driverOf(name: string | undefined): DriverName | undefined {
  if (name !== undefined && !DRIVER_NAMES.includes(name as DriverName)) throw new Error(`SOAK_DRIVER is ${name}; give one of ${DRIVER_NAMES.join(', ')}`);
  return name as DriverName | undefined;
}

async function main(): Promise<void> {
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1_000);
  const { driver, sessions, counts, folders, usage: { before, peak, after }, breaches } = await soak({
    sessions: numberOf('SOAK_SESSIONS', 10_000),
    concurrency: numberOf('SOAK_CONCURRENCY', 8),
    kills: numberOf('SOAK_KILLS', 12),
    seed: numberOf('SOAK_SEED', 1),
    minutes: numberOf('SOAK_MINUTES', 10),
    driver: driverOf(process.env.SOAK_DRIVER),
    progress: (line) => console.error(`${seconds()} s: ${line}`),
  });
  const rows = {
    'driver': driver,
    sessions,
    ...counts,
    'storage folders that were compared': folders,
    'seconds': seconds(),
    'memory of the last server: before, peak, after (MB)': [before, peak, after].map(({ megabytes }) => megabytes).join(', '),
    'its open files: before, peak, after': [before, peak, after].map(({ files }) => files).join(', '),
    'breaches': breaches.length,
  };
  console.log(['| | |', '|---|---|', ...Object.entries(rows).map(([name, value]) => `| ${name} | ${value} |`)].join('\n'));
  for (const line of breaches.slice(0, 50)) console.log(`- ${line}`);
  process.exitCode = breaches.length > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
