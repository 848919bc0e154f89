// Writes THIRD-PARTY-NOTICES from what the bundles hold.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notices } from './third-party-notices';

writeFileSync(join(__dirname, '../THIRD-PARTY-NOTICES'), notices());
