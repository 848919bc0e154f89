/** Takes the place of `debug` in the bundles: the agents for proxies would print the URL of a proxy with its password. */
export default function silent(): () => void {
  return () => {};
}
