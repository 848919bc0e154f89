// Runs a fleet of 1,000 sessions of which some meet faults, and draws its report for the documentation; ends with 1 where anything is left or lost.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryFleet } from './fleet';

const PICTURE = join(__dirname, '../../docs/fleet/report.svg');
const SESSIONS = Number(process.env.FLEET_SESSIONS ?? 1_000);

/** A call in so many sessions goes wrong. */
const SESSIONS_PER_FAULT = 20;

async function main(): Promise<void> {
  if (!Number.isInteger(SESSIONS) || SESSIONS < 1) throw new Error(`FLEET_SESSIONS is ${process.env.FLEET_SESSIONS}; give a whole number`);
  const begun = Date.now();
  const { summary, struck, picture, breaches } = await tryFleet({
    sessions: SESSIONS,
    maxConcurrency: 16,
    faults: Math.ceil(SESSIONS / SESSIONS_PER_FAULT),
    seed: 1,
    longest: 8,
    progress: (text) => process.stderr.write(text),
  });
  const { sessions, succeeded, failed, errors, exitCodes } = summary;
  const rows = {
    sessions,
    succeeded,
    failed,
    ...errors,
    ...Object.fromEntries(Object.entries(exitCodes).map(([code, count]) => [`exit code ${code}`, count])),
    ...struck,
    seconds: Math.round((Date.now() - begun) / 1_000),
    breaches: breaches.length,
  };
  console.log(['| | |', '|---|---|', ...Object.entries(rows).map(([name, value]) => `| ${name} | ${value} |`)].join('\n'));
  for (const line of breaches.slice(0, 50)) console.log(`- ${line}`);
  if (breaches.length > 0) process.exitCode = 1;
  else if (SESSIONS === 1_000) writeFileSync(PICTURE, picture);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
