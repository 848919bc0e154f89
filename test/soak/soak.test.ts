import { soak } from './soak';

// the short form of `npm run soak`
test('150 sessions and two kills of the server leave nothing but what was written', async () => {
  const { sessions, folders, counts, breaches } = await soak({ sessions: 150, concurrency: 6, kills: 2, seed: 7 });
  expect(breaches).toEqual([]);
  expect({ sessions, folders, kills: counts.kills }).toEqual({ sessions: 150, folders: 150, kills: 2 });
}, 300_000);
