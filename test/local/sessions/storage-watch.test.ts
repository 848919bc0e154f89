import { StorageCensus, walkStorage } from '../../../src/local/sessions/storage-walk';
import { StorageWatch } from '../../../src/local/sessions/storage-watch';

jest.mock('../../../src/local/sessions/storage-walk');

const census = (bytes: number): StorageCensus => ({ bytes, files: 1, lastChange: 0, found: new Map() });

/** The looks that were begun, to be ended by the test. */
let looks: ((found: StorageCensus) => void)[];
let watch: StorageWatch;

beforeEach(() => {
  jest.useFakeTimers();
  looks = [];
  jest.mocked(walkStorage).mockImplementation(async () => new Promise((resolve) => { looks.push(resolve); }));
  watch = new StorageWatch(['/nowhere'], { quota: 'report', strict: false }, () => undefined);
});

afterEach(() => {
  watch.close();
  jest.useRealTimers();
});

const command = async () => watch.around(async () => undefined);

test('a command that ends while the storage is looked at has it looked at again', async () => {
  await command();
  await jest.runAllTimersAsync();
  expect(looks).toHaveLength(1);
  await command();
  looks[0](census(1));
  await jest.runAllTimersAsync();
  expect(looks).toHaveLength(2);
  looks[1](census(2));
  await jest.runAllTimersAsync();
  expect(watch.report).toMatchObject({ bytes: 2 });
  expect(looks).toHaveLength(2);
});

test('many commands that end before the next look are one look', async () => {
  for (let n = 0; n < 5; n++) await command();
  await jest.runAllTimersAsync();
  looks[0](census(1));
  await jest.runAllTimersAsync();
  expect(looks).toHaveLength(1);
});

test('nobody looks any more once the session has ended', async () => {
  await command();
  await jest.runAllTimersAsync();
  await command();
  watch.close();
  looks[0](census(1));
  await command();
  await jest.runAllTimersAsync();
  expect(looks).toHaveLength(1);
});
