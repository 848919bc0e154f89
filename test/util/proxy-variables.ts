const NAMES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/** Takes the variables of proxies out of the environment, puts in others for the rest of a test, and back afterwards. */
export function useProxyVariables(): (values: Readonly<Record<string, string>>) => void {
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  const clear = () => NAMES.forEach((name) => { delete process.env[name]; });
  beforeEach(clear);
  afterEach(() => {
    clear();
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
  });
  return (values) => { Object.assign(process.env, values); };
}
