import { literalSecretsIn, literalSecretsInVariable } from '../../src/service/literal-secret';

/** Put together at run time: the sources hold nothing that a scanner would stop at. */
const some = (length: number, characters = 'aB3dE5gH7') => characters.repeat(Math.ceil(length / characters.length)).slice(0, length);

describe('texts', () => {
  it.each([
    ['an AWS access key id', `export AWS_ACCESS_KEY_ID=AKIA${some(16, 'Q3ZX7')}`],
    ['an AWS access key id', `ASIA${some(16, 'Q3ZX7')}`],
    ['a GitHub token', `git clone https://x-access-token@github.com && echo ghp_${some(36)}`],
    ['a GitHub token', `github_pat_${some(22)}`],
    ['a GitLab token', `glpat-${some(20)}`],
    ['a Slack token', `xoxb-${some(24, '123-')}`],
    ['a Slack token', `xoxp-${some(24, '123-')}`],
    ['a secret API key', `curl -u sk-${some(20)}:`],
    ['a secret API key', `sk-ant-api03-${some(20)}`],
    ['a secret API key', `sk-proj-${some(20)}`],
    ['a Stripe key', `sk_live_${some(16)}`],
    ['a Google API key', `AIza${some(35)}`],
    ['an npm token', `//registry.npmjs.org/:_authToken=npm_${some(36)}`],
    ['a private key', 'cat <<E\n-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['a JSON web token', `eyJ${some(12)}.eyJ${some(12)}.${some(20)}`],
    ['a bearer token', `curl -H "Authorization: Bearer ${some(20)}"`],
    ['a URL with a password', 'psql postgres://app:hunter2@db/app'],
    ['a literal password', 'PASSWORD=hunter2 ./login'],
    ['a literal password', 'PGPASSWORD=correct-horse psql'],
    ['a literal password', 'tool --password=hunter2'],
    ['a literal password', 'tool --db-password "hunter2"; password: \'hunter22\''],
    ['a literal token', 'TOKEN=abcdef123456 ./run'],
    ['a literal token', '{"accessToken": "abcdef123456"}'],
    ['a literal api key', 'export OPENAI_API_KEY=abcdef123456'],
    ['a literal access key', `AWS_SECRET_ACCESS_KEY=${some(40)}`],
  ])('with %s', (kind, text) => {
    expect(literalSecretsIn(text)).toEqual([kind]);
  });

  it.each([
    'npm ci && npm test',
    'git log --oneline -n 5',
    `git checkout ${some(40, '0123456789abcdef')}`,
    `sha256:${some(64, '0123456789abcdef')}`,
    `AKIA${some(15, 'Q3ZX7')}`,
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${some(35)}`,
    'xoxb-short',
    `sk-${some(19)}`,
    'sk-some-component-with-a-long-name',
    'task-runner sk-learn',
    'PASSWORD=$DB_PASSWORD ./login',
    'PASSWORD="${DB_PASSWORD:?must be set}" ./login',
    'PASSWORD="$(aws secretsmanager get-secret-value --secret-id db)" ./login',
    'TOKEN=`cat /run/token`',
    'docker login --password-stdin',
    'PASSWORD=changeme',
    'PASSWORD=your-password',
    'PASSWORD=<password>',
    'PASSWORD=xxxxxxxx',
    'PASSWORD=short',
    'PASSWORD_FILE=/run/secrets/password1',
    'SECRET_ARN=arn:aws:secretsmanager:us-west-2:123456789012:secret:db-a1b2c3',
    'SECRET=arn:aws:secretsmanager:us-west-2:123456789012:secret:db-a1b2c3',
    'SECRET=prod/db/password1',
    'secret=my-database-secret',
    'TOKEN_URL=https://example.com/token1234',
    'MAX_TOKENS=4096 max_tokens: 200000',
    'max_token=4096123',
    'tokenizer=cl100k_base1234',
    'kubectl get secret db -o jsonpath={.data.password}',
    'curl -H "Authorization: Bearer $TOKEN"',
    'git clone https://oauth2:${TOKEN}@gitlab.com/a/b',
    'curl http://localhost:8080/@scope/package',
    'ssh://git@example.com:22/a',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    'eyJhbGciOi',
    '',
  ])('that are none: %s', (text) => {
    expect(literalSecretsIn(text)).toEqual([]);
  });

  it('are read in a time that grows with their length', () => {
    for (const piece of ['a', 'a-', 'eyJaaaaaaaaaaaa-', 'token', 'a=', 'http://', '-----BEGIN ', 'Bearer ', 'x: "']) {
      expect(literalSecretsIn(piece.repeat(65_536 / piece.length))).toEqual([]);
    }
  });
});

describe('variables', () => {
  it.each([
    ['DB_PASSWORD', 'hunter2', ['a literal password']],
    ['dbPassword', 'hunter2', ['a literal password']],
    ['API_KEY', 'abcdef123456', ['a literal api key']],
    ['CLIENT_SECRET', 'abcdef123456', ['a literal secret']],
    ['ANYTHING', `ghp_${some(36)}`, ['a GitHub token']],
    ['DB_PASSWORD', 'short', []],
    ['DB_PASSWORD', '', []],
    ['DB_PASSWORD_SECRET_NAME', 'prod-db-1234', []],
    ['DB_SECRET', 'my-database', []],
    ['MODEL', 'claude-3-7-sonnet-20250219', []],
    ['TOKEN_LIMIT', '200000', []],
  ])('%s', (name, value, kinds) => {
    expect(literalSecretsInVariable(name, value)).toEqual(kinds);
  });

  it('never show their values', () => {
    expect(JSON.stringify(literalSecretsInVariable('PASSWORD', 'hunter2'))).not.toContain('hunter2');
  });
});
