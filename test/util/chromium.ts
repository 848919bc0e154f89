import { existsSync } from 'node:fs';
import { Browser, chromium } from 'playwright-core';
import { Need } from './needs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** The Chromium of this machine: the one that the variable CHROMIUM names, none if that is empty, or one in a usual place. */
const CHROMIUM = (process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path))) || undefined;

export const CHROMIUM_NEED: Need = { lack: 'Chromium is not installed; install it, or name it in CHROMIUM', isMet: CHROMIUM !== undefined };

/** Starts Chromium without a window, with a profile of its own that goes when it is closed; it talks to nobody by itself. */
export async function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(`no Chromium is in ${PLACES.join(', ')}; install it, or name it in CHROMIUM`);
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
