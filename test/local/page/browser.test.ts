import { Browser, Page } from 'playwright-core';
import { SESSION, Watched } from './support';
import { CHROMIUM_NEED, launchChromium } from '../../util/chromium';
import { describeWith } from '../../util/needs';

// with real Chromium where there is one; what the server answers is tested over HTTP everywhere
describeWith([CHROMIUM_NEED], 'in Chromium', () => {
  let watched: Watched;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    watched = await Watched.start();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await watched?.end();
  });
  beforeEach(async () => {
    complaints = [];
    page = await open();
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const opened = await (await browser.newContext(options)).newPage();
    // a violation of the policy is an error on the console; what the browser asks for must come from here
    opened.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('request', (request) => { if (!request.url().startsWith(watched.endpoint)) complaints.push(request.url()); });
    return opened;
  }

  const connected = async () => page.getByRole('status').filter({ hasText: 'Live' }).waitFor();

  test('leads from the overview to a session, its commands and its files', async () => {
    await watched.run('cd /mnt/workspace; mkdir -p src; echo "const x = 1 < 2;" > src/main.js; echo done');
    await page.goto(watched.endpoint);
    expect(page.url()).toBe(`${watched.endpoint}/_local/`);
    await page.getByRole('article', { name: 'agent' }).getByRole('link', { name: SESSION }).click();
    await page.getByRole('heading', { level: 1, name: SESSION }).waitFor();
    await page.getByLabel('Output of the command').getByText('done').waitFor();
    await page.getByRole('link', { name: '/mnt/workspace' }).click();
    await page.getByRole('link', { name: 'src/' }).click();
    await page.getByRole('link', { name: 'main.js' }).click();
    expect(await page.getByLabel('Content of the file').textContent()).toBe('const x = 1 < 2;\n');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
    expect(download.suggestedFilename()).toBe('main.js');
  });

  test('shows output while a command runs, and how it ended', async () => {
    await watched.run('true');
    await page.goto(watched.endpoint + watched.pathOf());
    await connected();
    const go = '/mnt/workspace/go';
    const output = await watched.begin(`rm -f ${go}; mkfifo ${go}; echo one; cat ${go}; echo three >&2; exit 4`);
    const command = page.locator('details.command').first();
    await command.getByText('RUNNING').waitFor();
    await command.getByText('one').last().waitFor();
    const shown = await command.getByLabel('Output of the command').elementHandle();
    await watched.run(`echo two > ${go}`, SESSION);
    for await (const text of output) void text;
    const ended = page.locator('details.command').filter({ has: page.locator('.badge', { hasText: 'exit 4' }) });
    await ended.waitFor();
    // the two streams come by two pipes, in no certain order
    expect((await ended.locator('.stdout').allTextContents()).join('')).toBe('one\ntwo\n');
    expect(await ended.locator('.stderr').textContent()).toBe('three\n');
    // it is still the same element: what a reader has selected or scrolled stays
    expect(await shown!.evaluate((element) => element.isConnected)).toBe(true);
  });

  test('takes up what is new on the overview without being loaded again', async () => {
    await page.goto(`${watched.endpoint}/_local/`);
    await connected();
    await page.getByText('Version 1, the newest').click();
    await watched.run('echo "a new command"', 'another-session-of-at-least-33-characters');
    await page.getByRole('link', { name: 'echo "a new command"' }).waitFor();
    await page.getByRole('link', { name: 'another-session-of-at-least-33-characters' }).waitFor();
    await watched.stopSession('another-session-of-at-least-33-characters');
    await page.getByRole('row', { name: 'another-session' }).getByText('stopped').waitFor();
    // what was opened stays open
    expect(await page.getByText('(values are not shown)').isVisible()).toBe(true);
  });

  test('runs nothing that others say', async () => {
    const attack = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs++;
      void dialog.dismiss();
    });
    await page.goto(watched.endpoint + watched.pathOf());
    await connected();
    await watched.run(`echo '${attack}'; cd /mnt/workspace; echo '${attack}' > '<img src=x onerror=alert(3)>'`);
    await page.getByLabel('Output of the command').first().getByText('onerror').waitFor();
    await page.getByRole('link', { name: '/mnt/workspace' }).click();
    await page.getByRole('link', { name: '<img src=x' }).click();
    expect(await page.getByLabel('Content of the file').textContent()).toBe(`${attack}\n`);
    expect(await page.locator('main img').count()).toBe(0);
    expect(dialogs).toBe(0);
  });

  test('a command of the overview is opened on its session\'s page', async () => {
    await watched.run('echo "to be found"');
    for (let n = 0; n < 3; n++) await watched.run(`echo later ${n}`);
    await page.goto(`${watched.endpoint}/_local/`);
    await page.getByRole('link', { name: 'echo "to be found"' }).click();
    await page.locator('details.command[open]').filter({ hasText: 'to be found' }).getByLabel('Output of the command').waitFor();
  });

  test('shows the same without scripts', async () => {
    const plain = await open({ javaScriptEnabled: false });
    await watched.run('echo plainly');
    await plain.goto(`${watched.endpoint}/_local/`);
    await plain.getByRole('article', { name: 'agent' }).getByRole('link', { name: SESSION }).click();
    await plain.getByLabel('Output of the command').first().getByText('plainly').waitFor();
    await plain.getByRole('link', { name: '/mnt/workspace' }).click();
    await plain.getByRole('table').waitFor();
    await plain.context().close();
  });

  test('is light or dark as the reader\'s system is, and fits a narrow screen', async () => {
    const ground = async (opened: Page) => opened.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.goto(`${watched.endpoint}/_local/`);
    const dark = await open({ colorScheme: 'dark', viewport: { width: 360, height: 640 } });
    await dark.goto(`${watched.endpoint}/_local/`);
    expect(await ground(page)).toBe('rgb(246, 247, 249)');
    expect(await ground(dark)).toBe('rgb(18, 22, 27)');
    for (const path of ['/_local/', watched.pathOf()]) {
      await dark.goto(watched.endpoint + path);
      expect(await dark.evaluate('document.documentElement.scrollWidth')).toBe(360);
    }
    await dark.context().close();
  });

  test('says when the server has gone', async () => {
    const other = await Watched.start();
    const opened = await (await browser.newContext()).newPage();
    await opened.goto(`${other.endpoint}/_local/`);
    await opened.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await other.end();
    await opened.getByRole('status').filter({ hasText: 'Not connected' }).waitFor();
    await opened.context().close();
  });
});
