import { rm } from 'node:fs/promises';
import { Harness } from './support/harness';

const idOf = async (harness: Harness) => (await (await fetch(`${harness.endpoint}/_local/health`)).json() as { id: string }).id;

test('a state directory has an id that stays, until the directory is emptied', async () => {
  const [one, other] = [await Harness.start(), await Harness.start()];
  try {
    const id = await idOf(one);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf(other)).not.toBe(id);
    await one.restart();
    expect(await idOf(one)).toBe(id);

    await one.stopServer();
    await rm(one.stateDir, { recursive: true });
    await one.startServer();
    expect(await idOf(one)).not.toBe(id);
  } finally {
    await one.end();
    await other.end();
  }
});
