import { defaultProvider } from '../../src/provider/function-credentials';

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const before = KEYS.map((key) => [key, process.env[key]] as const);
afterEach(() => before.forEach(([key, value]) => (value === undefined ? delete process.env[key] : process.env[key] = value)));

test('the credentials of the function\'s role', async () => {
  KEYS.forEach((key) => { process.env[key] = `the ${key}`; });
  expect(await defaultProvider()()).toMatchObject({
    accessKeyId: 'the AWS_ACCESS_KEY_ID', secretAccessKey: 'the AWS_SECRET_ACCESS_KEY', sessionToken: 'the AWS_SESSION_TOKEN',
  });
});

test('says so where there are none', async () => {
  KEYS.forEach((key) => { delete process.env[key]; });
  await expect(defaultProvider()()).rejects.toThrow(/environment variable/);
});
