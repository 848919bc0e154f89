import { canReadAttributes, pathsWithAttributes } from './extended-attributes';
import { canReadLocks, heldLocks } from './held-locks';
import { Oddity, StorageCensus, walkStorage } from './storage-walk';
import { SESSION_STORAGE } from '../../service/quotas';

/** What becomes of storage over the service's quota: it is told, or also fails the command that leaves it so, or nobody looks. */
export type StorageQuotaMode = 'report' | 'enforce' | 'off';

export const STORAGE_QUOTA_MODES: readonly StorageQuotaMode[] = ['report', 'enforce', 'off'];

export interface StorageRules {
  readonly quota: StorageQuotaMode;
  /** Whether to look for what the service's mount refuses. */
  readonly strict: boolean;
}

/** What was found in a session's storage when it was last looked at. */
export interface StorageReport {
  readonly bytes: number;
  readonly files: number;
  /** One line for each quota that is exceeded. */
  readonly overQuota: readonly string[];
  /** One line for each kind of thing that the service's mount refuses. */
  readonly unsupported: readonly string[];
}

/** What strict storage does not see on this machine. */
export async function strictnessNotes(): Promise<string[]> {
  return [
    ...(canReadLocks() ? [] : ['locks on files are not seen here; that takes Linux']),
    ...(await canReadAttributes() ? [] : ['extended attributes are not seen here; install getfattr, of the package attr']),
  ];
}

/** How often locks are looked for while a command runs. */
const LOCK_MILLISECONDS = 100;

/** Looking takes at most this part of the time: one in so many. */
const REST_SHARE = 10;

/** Nor is anybody waiting for what came since the last look. */
const REST_MILLISECONDS = 100;

/** Looks after the storage of one session. */
export class StorageWatch {
  private readonly locked = new Set<string>();
  private readonly lockTimer: NodeJS.Timeout | undefined;
  private checkTimer: NodeJS.Timeout | undefined;
  /** Whether a command has ended since the look began that is being taken. */
  private isOutdated = false;
  private isClosed = false;
  private tookMilliseconds = 0;
  private last: StorageReport | undefined;
  private early: string[] = [];

  /**
   * @param directories of the host
   * @param tell takes a line when what is found has changed
   */
  constructor(private readonly directories: readonly string[], private readonly rules: StorageRules, private readonly tell: (line: string) => void) {
    // a lock is gone with the program that held it
    if (rules.strict) this.lockTimer = setInterval(() => this.noteLocks(), LOCK_MILLISECONDS).unref();
  }

  public get report(): StorageReport | undefined {
    return this.last;
  }

  /** Starts an agent; the service mounts storage only afterwards, so what is written until then would fail there. */
  public async whileAgentStarts<T>(start: () => Promise<T>): Promise<T> {
    if (!this.rules.strict) return start();
    const { lastChange } = await walkStorage(this.directories);
    const started = await start();
    const { found } = await walkStorage(this.directories, { changedAfter: lastChange });
    this.early = [...found.get('early') ?? []];
    await this.check();
    return started;
  }

  /** Runs a command and looks at what it leaves; what it resolves to says which quotas fail the command. */
  public async around<T>(command: () => Promise<T>): Promise<{ readonly result: T; readonly failing: readonly string[] }> {
    const result = await command();
    const { quota, strict } = this.rules;
    if (quota !== 'enforce' && !strict) {
      this.checkSoon();
      return { result, failing: [] };
    }
    const report = await this.check();
    return { result, failing: quota === 'enforce' ? report?.overQuota ?? [] : [] };
  }

  /** Looks no more. */
  public close(): void {
    this.isClosed = true;
    clearInterval(this.lockTimer);
    clearTimeout(this.checkTimer);
  }

  private noteLocks(): void {
    for (const key of heldLocks()) this.locked.add(key);
  }

  private checkSoon(): void {
    if (this.rules.quota === 'off' || this.isClosed) return;
    this.isOutdated = true;
    if (this.checkTimer !== undefined) return;
    this.checkTimer = setTimeout(() => {
      this.isOutdated = false;
      void this.check().finally(() => {
        this.checkTimer = undefined;
        if (this.isOutdated) this.checkSoon();
      });
    }, this.last === undefined ? 0 : Math.max(REST_MILLISECONDS, this.tookMilliseconds * REST_SHARE)).unref();
  }

  /** Looks at the storage; that this fails is told, and fails nothing else. */
  private async check(): Promise<StorageReport | undefined> {
    try {
      this.last = await this.look();
      return this.last;
    } catch (error) {
      this.tell(`its storage cannot be looked at: ${(error as Error).message}`);
      return undefined;
    }
  }

  private async look(): Promise<StorageReport> {
    const { quota, strict } = this.rules;
    const begun = Date.now();
    if (strict) this.noteLocks();
    const census = await walkStorage(this.directories, { locked: this.locked });
    const attributes = strict && await canReadAttributes() ? await pathsWithAttributes(this.directories) : [];
    this.tookMilliseconds = Date.now() - begun;
    const report: StorageReport = {
      bytes: census.bytes,
      files: census.files,
      overQuota: quota === 'off' ? [] : overQuota(census),
      unsupported: strict ? unsupported(census, attributes, this.early) : [],
    };
    this.tellOfNew(report);
    return report;
  }

  private tellOfNew({ overQuota: over, unsupported: refused }: StorageReport): void {
    const known = new Set([...this.last?.overQuota ?? [], ...this.last?.unsupported ?? []]);
    for (const line of [...over, ...refused].filter((each) => !known.has(each))) this.tell(`its storage has ${line}`);
  }
}

function overQuota({ bytes, files, found }: StorageCensus): string[] {
  const { depth, nameBytes, targetBytes } = SESSION_STORAGE;
  const many = (what: Oddity, text: string) => (found.has(what) ? [`${text}: ${examples(found.get(what)!)}`] : []);
  return [
    ...(bytes > SESSION_STORAGE.bytes ? [`${bytes} bytes, the service has room for ${SESSION_STORAGE.bytes}`] : []),
    ...(files > SESSION_STORAGE.files ? [`${files} files and directories, the service has room for about ${SESSION_STORAGE.files}`] : []),
    ...many('deeper', `more than ${depth} directories below one another`),
    ...many('longName', `names of more than ${nameBytes} bytes`),
    ...many('longTarget', `symbolic links to more than ${targetBytes} bytes`),
  ];
}

const REFUSED: readonly (readonly [Oddity, string])[] = [
  ['hardLink', 'hard links'], ['fifo', 'FIFOs'], ['socket', 'UNIX sockets'], ['device', 'device files'], ['locked', 'locks on files'],
];

function unsupported({ found }: StorageCensus, attributes: readonly string[], early: readonly string[]): string[] {
  const refused = REFUSED.map(([what, text]) => [text, found.get(what) ?? []] as const);
  return [
    ...[...refused, ['extended attributes', attributes] as const].filter(([, paths]) => paths.length > 0)
      .map(([text, paths]) => `${text}, which the service's mount does not have: ${examples(paths)}`),
    ...(early.length === 0 ? [] : [`files written before the agent was healthy, when the service has not mounted it yet: ${examples(early)}`]),
  ];
}

const EXAMPLES = 3;

function examples(paths: readonly string[]): string {
  const shown = [...paths].sort().slice(0, EXAMPLES);
  return `${shown.join(', ')}${paths.length > EXAMPLES ? ` and ${paths.length - EXAMPLES} more` : ''}`;
}
