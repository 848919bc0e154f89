import * as fc from 'fast-check';

/** A value of a configuration, and whether it was drawn from those that are odd: at or beyond an edge of what is allowed. */
export interface Drawn<T> {
  readonly value: T;
  readonly odd: boolean;
  /** Known only at synth, as a token. */
  readonly late: boolean;
}

export interface RuntimeSpec {
  readonly name?: Drawn<string>;
  readonly description?: Drawn<string>;
  readonly environment?: readonly Variable[];
  readonly tags?: readonly Variable[];
  readonly headers?: Drawn<readonly string[]>;
  readonly idleMillis?: Drawn<number>;
  readonly maxMillis?: Drawn<number>;
  readonly protocol?: Drawn<string>;
  readonly network: 'none' | 'public' | 'vpc';
  readonly subnets: Drawn<readonly string[]>;
  readonly securityGroups: Drawn<readonly string[]>;
  readonly artifact: ArtifactSpec;
  readonly role?: Drawn<string>;
  readonly authorizer: 'none' | 'iam' | 'jwt';
  readonly jwt: JwtSpec;
  readonly native: boolean;
  readonly failOnVersionChange: boolean;
}

export type ArtifactSpec =
  | { readonly kind: 'image' }
  | { readonly kind: 's3'; readonly bucket: Drawn<string>; readonly key: Drawn<string>; readonly runtime: Drawn<string>; readonly entrypoint: Drawn<readonly string[]> };

export interface JwtSpec {
  readonly discoveryUrl: Drawn<string>;
  readonly clients?: Drawn<readonly string[]>;
  readonly scopes?: Drawn<readonly string[]>;
}

export interface Variable {
  readonly name: Drawn<string>;
  readonly value: Drawn<string>;
}

export interface StorageSpec {
  readonly mountPath?: Drawn<string>;
  readonly sizeInGiB?: Drawn<number>;
}

export interface MountSpec {
  readonly kind: 'efs' | 's3Files' | 'volume';
  readonly mountPath: Drawn<string>;
  /** The ARN of the access point, or the name of the volume. */
  readonly source: Drawn<string>;
}

export interface CommandSpec {
  readonly words: Drawn<readonly string[]>;
  readonly form: 'shell' | 'argv' | 'script';
  readonly workingDirectory?: Drawn<string>;
  readonly environment?: readonly Variable[];
  readonly timeoutMillis?: Drawn<number>;
  readonly qualifier?: Drawn<string>;
  readonly sessionId?: Drawn<string>;
  readonly expectedExitCodes?: Drawn<readonly number[]>;
  readonly triggers?: boolean;
  readonly runPolicy?: 'ON_CHANGE' | 'ON_RUNTIME_VERSION' | 'ONCE' | 'EVERY_DEPLOYMENT';
  readonly onDelete?: Drawn<readonly string[]>;
}

/** One app, as data: what is built of it is in `build.ts`. */
export interface Configuration {
  readonly runtime: RuntimeSpec;
  readonly storage?: StorageSpec;
  readonly mounts: readonly MountSpec[];
  readonly commands: readonly CommandSpec[];
}

const EFS_ARN = 'arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-0123456789abcdef0';
const S3_FILES_ARN = 'arn:aws:s3files:us-west-2:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0';

const name = ['a', 'my_agent', 'A9_', 'a'.repeat(48), 'constructor'];
const oddName = ['', '1a', 'my-agent', 'a'.repeat(49), 'ä', 'a b', 'a\n', '\0', '__proto__', 'a'.repeat(500)];
const text = ['x', 'plain text', 'ä ö 日本', 'd'.repeat(1200)];
const oddText = ['', 'd'.repeat(1201), 'd'.repeat(4097), '\n', '\0'];
const key = ['A', 'PATH_1', '_', 'toString', 'k'.repeat(100)];
const oddKey = ['', '1A', 'A B', 'A=B', 'k'.repeat(101), 'ä', 'A\n'];
const variable = ['', '1', '$HOME', 'it\'s', 'v'.repeat(2048)];
const oddVariable = ['v'.repeat(2049), 'v'.repeat(5001), '\0', '日'.repeat(2048)];
const tagKey = ['team', 'a:b/c=d+e-f@g.h_i', 't'.repeat(128)];
const oddTagKey = ['', 'aws:team', 'AWS:x', 'a\tb!', 't'.repeat(129), 't'.repeat(257), '#'];
const tagValue = ['', 'agents', 'v'.repeat(256)];
const oddTagValue = ['v'.repeat(257), '#', 'ä'];
const mountPath = ['/mnt/a', '/mnt/b', '/mnt/workspace', '/mnt/data/', '/mnt/...', `/mnt/${'m'.repeat(195)}`];
const oddMountPath = ['', '/', '/mnt', '/mnt/', '/mnt/.', '/mnt/..', '/mnt/a/b', 'mnt/a', '/data', '/mnt/a b', '/mnt/a\n', `/mnt/${'m'.repeat(196)}`, '/mnt/ä', '/mnt//'];
const directory = ['/', '/mnt/workspace', '/it\'s here'];
const oddDirectory = ['', 'a', './a', '~', '/a\0'];
const session = ['s'.repeat(33), 's'.repeat(256), '0'.repeat(36)];
const oddSession = ['', 's'.repeat(32), 's'.repeat(257), `${'s'.repeat(33)}\n`, `${'s'.repeat(33)}ä`];
const words = [['true'], ['npm test && ls'], ['git', 'status'], ['printf', 'it\'s "quoted"\n', '']];
const oddWords = [[''], [' '], ['\n'], ['\0'], ['x'.repeat(70_000)], ['x', '\0'], ['', 'x'], ['\'\\'.repeat(30_000)]];
const entrypoints = [['main.py'], ['opentelemetry-instrument', 'main.py'], ['e'.repeat(128)]];
const oddEntrypoints = [[], [''], ['a', 'b', 'c'], ['e'.repeat(129)]];
const seconds = (...values: number[]) => values.map((value) => value * 1000);

/** @param mischief the share of values that are odd or late; without any, every configuration is valid */
export function configurations(mischief: number): fc.Arbitrary<Configuration> {
  const weights = { plain: Math.round((1 - mischief) * 100), odd: Math.round(mischief * 75), late: Math.round(mischief * 25) };
  function drawn<T>(plain: readonly T[], odd: readonly T[]): fc.Arbitrary<Drawn<T>> {
    return fc.oneof(
      { weight: weights.plain, arbitrary: fc.constantFrom(...plain).map((value) => ({ value, odd: false, late: false })) },
      { weight: weights.odd, arbitrary: fc.constantFrom(...odd).map((value) => ({ value, odd: true, late: false })) },
      { weight: weights.late, arbitrary: fc.constantFrom(...plain, ...odd).map((value) => ({ value, odd: odd.includes(value), late: true })) },
    );
  }
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const variables = (keys: readonly string[], oddKeys: readonly string[], values: readonly string[], oddValues: readonly string[]) => fc.uniqueArray(
    fc.record({ name: drawn(keys, oddKeys).map((it) => ({ ...it, late: false })), value: drawn(values, oddValues) }),
    { maxLength: 3, selector: (it) => it.name.value },
  );
  const rarely = (share: number) => fc.nat(99).map((roll) => roll < share);

  const runtime: fc.Arbitrary<RuntimeSpec> = fc.record({
    name: maybe(drawn(name, oddName)),
    description: maybe(drawn(text, oddText)),
    environment: maybe(variables(key, oddKey, variable, oddVariable)),
    tags: maybe(variables(tagKey, oddTagKey, tagValue, oddTagValue)),
    headers: maybe(drawn<readonly string[]>(
      [['Authorization'], ['X-Amzn-Bedrock-AgentCore-Runtime-Custom-User', 'Authorization']],
      [[], [''], ['X-Other'], ['X-Amzn-Bedrock-AgentCore-Runtime-Custom-ä'], [`X-Amzn-Bedrock-AgentCore-Runtime-Custom-${'h'.repeat(230)}`], Array(21).fill('Authorization') as string[]],
    ).map((it) => ({ ...it, late: false }))),
    idleMillis: maybe(drawn(seconds(60, 900), [...seconds(0, 59, 28_801, 1_209_601, NaN, Infinity), 60_500, 1])),
    maxMillis: maybe(drawn(seconds(900, 28_800), [...seconds(0, 59, 60, 28_801, 1_209_601, NaN), 60_500])),
    protocol: maybe(drawn(['HTTP', 'MCP', 'A2A', 'AGUI'], ['', 'SMTP', 'http'])),
    network: fc.constantFrom('none', 'public', 'vpc'),
    subnets: drawn<readonly string[]>([['subnet-12345678']], [['subnet-x'], ['vpc-12345678'], Array(17).fill('subnet-12345678') as string[]]).map((it) => ({ ...it, late: false })),
    securityGroups: drawn<readonly string[]>([['sg-12345678']], [['sg-x'], ['subnet-12345678'], Array(17).fill('sg-12345678') as string[]]).map((it) => ({ ...it, late: false })),
    artifact: fc.oneof(
      fc.constant<ArtifactSpec>({ kind: 'image' }),
      fc.record({
        kind: fc.constant('s3' as const),
        bucket: drawn(['code', 'my-code.bucket'], ['', 'ab', 'Upper', 'b'.repeat(64), '-x-']),
        key: drawn(['agent.zip', 'k'.repeat(1024)], ['', 'k'.repeat(1025)]),
        runtime: drawn(['PYTHON_3_13', 'NODE_22'], ['', 'PYTHON_2_7', 'python']),
        entrypoint: drawn<readonly string[]>(entrypoints, oddEntrypoints).map((it) => ({ ...it, late: false })),
      }),
    ),
    role: maybe(drawn(['arn:aws:iam::123456789012:role/agent'], ['arn:aws:iam::123456789012:role/', 'arn:aws:iam::1:role/agent', 'arn:aws:iam::123456789012:user/agent', `arn:aws:iam::123456789012:role/${'r'.repeat(65)}`]).map((it) => ({ ...it, late: false }))),
    // commands take no JWT, so that it is odd where there are any
    authorizer: rarely(mischief * 100).chain((odd) => fc.constantFrom<RuntimeSpec['authorizer'][]>(...odd ? ['jwt' as const] : ['none' as const, 'iam' as const])),
    jwt: fc.record({
      discoveryUrl: drawn(['https://example.com/.well-known/openid-configuration'], ['/.well-known/openid-configuration', 'https://example.com/\n/.well-known/openid-configuration']).map((it) => ({ ...it, late: false })),
      clients: maybe(drawn<readonly string[]>([['client']], [[]]).map((it) => ({ ...it, late: false }))),
      scopes: maybe(drawn<readonly string[]>([['read']], [[], ['a b'], ['s'.repeat(256)], ['']]).map((it) => ({ ...it, late: false }))),
    }),
    native: fc.boolean(),
    failOnVersionChange: rarely(mischief * 50),
  });
  const storage = fc.record({
    mountPath: maybe(drawn(['/mnt/storage', '/mnt/s/'], oddMountPath)),
    sizeInGiB: maybe(drawn([1, 2, 100], [0, 101, -1, 1.5, NaN, Infinity, 1e300])),
  });
  const mount = fc.constantFrom<MountSpec['kind'][]>('efs', 's3Files', ...mischief > 0 ? ['volume' as const] : []).chain((kind) => fc.record({
    kind: fc.constant(kind),
    mountPath: drawn(mountPath, oddMountPath),
    source: {
      efs: drawn([EFS_ARN], ['', 'fsap-0123456789abcdef0', EFS_ARN.replace('fsap-', 'ap-'), `${EFS_ARN}${'0'.repeat(100)}`]),
      s3Files: drawn([S3_FILES_ARN], ['', EFS_ARN, S3_FILES_ARN.replace('fs-', 'gs-')]),
      volume: drawn(['data'], ['', '1data', 'd'.repeat(49)]),
    }[kind],
  }));
  const command: fc.Arbitrary<CommandSpec> = fc.record({
    words: drawn<readonly string[]>(words, oddWords).map((it) => ({ ...it, late: false })),
    form: fc.constantFrom('shell', 'argv', 'script'),
    workingDirectory: maybe(drawn(directory, oddDirectory)),
    environment: maybe(variables(['A', 'PATH_1', 'toString'], ['', '1A', 'A B', 'A=B', 'ä'], ['', '1', 'it\'s\n'], ['\0', 'x'.repeat(70_000)])),
    timeoutMillis: maybe(drawn(seconds(1, 300, 3_600), [...seconds(0, 3_601, NaN, Infinity), 1_500])),
    qualifier: maybe(drawn(name, oddName)),
    sessionId: maybe(drawn(session, oddSession)),
    expectedExitCodes: maybe(drawn<readonly number[]>([[0], [0, 255]], [[], [256], [-1], [1.5], [NaN]]).map((it) => ({ ...it, late: false }))),
    triggers: rarely(mischief * 100),
    runPolicy: maybe(fc.constantFrom<CommandSpec['runPolicy'][]>('ON_CHANGE', 'ON_RUNTIME_VERSION', 'ONCE', 'EVERY_DEPLOYMENT')),
    onDelete: maybe(drawn<readonly string[]>(words, oddWords).map((it) => ({ ...it, late: false }))),
  });

  const all = fc.record({
    runtime,
    storage: maybe(storage),
    mounts: fc.array(mount, { maxLength: 5 }),
    commands: fc.array(command, { maxLength: 2 }),
  });
  return mischief > 0 ? all : all.filter(fitsTogether);
}

/** The rules between fields, as a user would know them: for configurations that are to be valid. */
function fitsTogether({ runtime, storage, mounts }: Configuration): boolean {
  const paths = [...storage ? [storage.mountPath?.value ?? '/mnt/workspace'] : [], ...mounts.map((mount) => mount.mountPath.value)].map((path) => path.replace(/\/$/, ''));
  const ofKind = (kind: MountSpec['kind']) => mounts.filter((mount) => mount.kind === kind).length;
  return new Set(paths).size === paths.length && paths.length <= 5 && ofKind('efs') <= 2 && ofKind('s3Files') <= 2
    && (mounts.length === 0 || runtime.network === 'vpc');
}
