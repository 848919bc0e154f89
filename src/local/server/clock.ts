import { Clock } from '../../client/clock';

/** Tells the time, so that tests can set it; the server never waits. */
export type ServerClock = Pick<Clock, 'now'>;

/** Takes one line about what the server does or cannot do. */
export type Log = (line: string) => void;
