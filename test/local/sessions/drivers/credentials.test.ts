import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createDriver, DRIVER_NAMES } from '../../../../src/local/sessions/drivers/choose';
import { describeDrivers, removeScratch, scratchDirectory, shell } from '../support';

jest.mock('node:os', () => ({ ...jest.requireActual('node:os'), homedir: jest.fn() }));

let directory: string;

beforeEach(() => {
  // not below the temporary directory, of which a session sees nothing anyway
  directory = mkdtempSync('/var/tmp/home-');
  jest.mocked(homedir).mockReturnValue(directory);
  mkdirSync(join(directory, '.aws'));
  writeFileSync(join(directory, '.aws', 'credentials'), 'aws_secret_access_key = hunter2');
  writeFileSync(join(directory, 'notes.txt'), 'visible');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
  removeScratch();
});

// without namespaces there is nothing to hide behind
describeDrivers((name) => name, (name) => {
  async function said(script: string): Promise<string> {
    const compute = await createDriver(name, scratchDirectory()).start({ id: `keys-${process.pid}`, mounts: [], environment: {} });
    try {
      return (await shell(compute, script)).stdout;
    } finally {
      await compute.stop();
    }
  }

  test('the keys of whoever runs the server are not to be seen', async () => {
    expect(await said(`cat ${directory}/notes.txt; ls -A ${directory}/.aws`)).toBe('visible');
  });

  test('nor where a link in the home directory leads to them', async () => {
    renameSync(join(directory, '.aws'), join(directory, 'keys'));
    symlinkSync(join(directory, 'keys'), join(directory, '.aws'));
    expect(await said(`cat ${directory}/notes.txt; ls -A ${directory}/.aws/ ${directory}/keys | grep credentials`)).toBe('visible');
  });
}, DRIVER_NAMES.filter((name) => name !== 'process'));
